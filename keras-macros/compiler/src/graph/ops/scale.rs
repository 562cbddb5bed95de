//! Multiplication by a constant.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::Site;

/// Multiplies by an `f32` expression.
pub struct Scale(pub TokenStream);

impl Op for Scale {
    fn kind(&self, _: &TokenStream) -> Option<TokenStream> {
        let factor = &self.0;
        Some(quote!(Scale { factor: #factor }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let (kernels, factor, (y, x)) = (site.kernels(), &self.0, site.y_of_x());
        Some(quote!(#kernels::scale::forward(cx.isa, #y, #x, #factor)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> TokenStream {
        let (kernels, factor, (dx, dy), acc) = (site.kernels(), &self.0, site.dx_of_dy(), site.acc());
        quote!(#kernels::scale::backward(cx.isa, #dx, #dy, #factor, #acc))
    }

    fn in_place(&self) -> bool {
        true
    }
}
