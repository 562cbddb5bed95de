//! Masks of sequences: how they come to be, and what they leave out.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// 1 for each row of `n` elements of which one is not the value, 0 for others.
pub struct NotEqual {
    /// Length of a row.
    pub n: Num,
    /// The value, an expression of type `f32`.
    pub value: TokenStream,
}

impl Op for NotEqual {
    fn kind(&self) -> Option<TokenStream> {
        let NotEqual { n, value } = self;
        Some(quote!(NotEqual { n: #n, value: #value }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let NotEqual { n, value } = self;
        let (m, x) = (site.y(), site.x(0));
        Some(call!(site, mask::not_equal(m, x, n, value)))
    }

    fn backward_data(&self, _: usize, _: &mut Site<'_>) -> Call {
        Call::default()
    }

    fn is_constant(&self) -> bool {
        true
    }
}

/// Rows of this length where the second input, a mask, is not 0; zeros where it is.
pub struct Mask(pub Num);

impl Op for Mask {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(Mask { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, m, n) = (site.y(), site.x(0), site.x(1), &self.0);
        Some(call!(site, mask::forward(y, x, m, n)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, acc, n) = (site.dx(i), site.acc(), &self.0);
        if i == 1 {
            return call!(site, constant::backward(dx, acc));
        }
        let (dy, m) = (site.dy(), site.x(1));
        call!(site, mask::backward(dx, dy, m, n, acc))
    }
}
