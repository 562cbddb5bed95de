//! Softmax over the last dimension.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Head, Op};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// Softmax over rows of this length.
pub struct Softmax(pub Num);

impl Op for Softmax {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(Softmax { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let n = &self.0;
        let (y, x) = (site.y(), site.x(0));
        Some(call!(site, softmax::forward(y, x, n)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let n = &self.0;
        let (dx, dy, y, acc) = (site.dx(0), site.dy(), site.saved_y(), site.acc());
        call!(site, softmax::backward(dx, dy, y, n, acc))
    }

    fn tiny(&self, x: &Ident, site: &Site<'_>) -> Option<TokenStream> {
        // All of the sample is one row.
        self.0.same(&site.len_x(0)).then(|| quote!(tiny::softmax(isa, #x)))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn head(&self) -> Option<Head> {
        Some(Head::Softmax)
    }
}
