//! Numbers rounded to those of a smaller format.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Precision, Site};

/// Numbers rounded to a precision, and their gradient rounded likewise.
pub struct Round(pub Precision);

impl Round {
    fn to(&self) -> TokenStream {
        let to = self.0.word();
        quote!(Precision::#to)
    }
}

impl Op for Round {
    fn kind(&self) -> Option<TokenStream> {
        let to = self.to();
        Some(quote!(Round { to: #to }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, to) = (site.y(), site.x(0), self.to());
        Some(call!(site, round::forward(y, x, to)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, to, acc) = (site.dx(0), site.dy(), self.to(), site.acc());
        call!(site, round::backward(dx, dy, to, acc))
    }

    fn in_place(&self) -> bool {
        true
    }
}
