//! Masks of sequences: how they come to be, and what they leave out.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};
use crate::layers::objects::float_tokens;

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

/// Rows where the second input, a mask, is more than 1/2, one number where it is not.
pub struct Mask {
    /// Length of a row.
    pub n: Num,
    /// The number.
    pub fill: f32,
}

impl Op for Mask {
    fn kind(&self) -> Option<TokenStream> {
        let (n, fill) = (&self.n, float_tokens(self.fill.into()));
        Some(quote!(Mask { n: #n, fill: #fill }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, m, n, fill) = (site.y(), site.x(0), site.x(1), &self.n, float_tokens(self.fill.into()));
        Some(call!(site, mask::forward(y, x, m, n, fill)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, acc, n, counts) = (site.dx(i), site.acc(), &self.n, true);
        if i > 0 {
            return call!(site, constant::backward(dx, acc));
        }
        let (dy, m) = (site.dy(), site.x(1));
        call!(site, mask::backward(dx, dy, m, n, counts, acc))
    }

    fn is_exact(&self) -> bool {
        self.fill == 0.0 || self.fill == 1.0
    }
}

/// Rows of this length: those of the first input where the third one, a mask, is more than 1/2, those of the second where it
/// is not.
pub struct Select(pub Num);

impl Op for Select {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(Select { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, a, b, m, n) = (site.y(), site.x(0), site.x(1), site.x(2), &self.0);
        Some(call!(site, mask::select(y, a, b, m, n)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, acc, n, counts) = (site.dx(i), site.acc(), &self.0, i == 0);
        if i > 1 {
            return call!(site, constant::backward(dx, acc));
        }
        let (dy, m) = (site.dy(), site.x(2));
        call!(site, mask::backward(dx, dy, m, n, counts, acc))
    }

    fn is_exact(&self) -> bool {
        true
    }
}
