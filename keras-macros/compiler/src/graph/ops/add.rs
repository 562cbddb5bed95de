//! The sum of several values of one shape.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::Site;

/// Adds this many values.
pub struct Add(pub usize);

impl Op for Add {
    fn kind(&self) -> Option<TokenStream> {
        Some(quote!(Add))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let y = site.y();
        let xs: Vec<_> = (0..self.0).map(|i| site.x(i)).collect();
        Some(quote!(add::forward(isa, #y, &[#(#xs),*])))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> TokenStream {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        quote!(add::backward(isa, #dx, #dy, #acc))
    }
}
