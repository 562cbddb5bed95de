//! Rectified linear unit whose slope below 0 is learnt.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// The dimensions of a sample, and whether one slope serves for all of each. Param: the slopes.
pub struct PRelu(pub Vec<(Num, bool)>);

impl PRelu {
    fn dims(&self) -> TokenStream {
        let dims = self.0.iter().map(|(len, shared)| quote!(prelu::Dim { len: #len, shared: #shared }));
        quote!(&[#(#dims),*])
    }
}

impl Op for PRelu {
    fn kind(&self) -> Option<TokenStream> {
        let dims = self.dims();
        Some(quote!(PRelu { dims: #dims }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, alpha, dims) = (site.y(), site.x(0), site.weight(0), self.dims());
        Some(call!(site, prelu::forward(y, x, alpha, dims)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        // The slopes' gradient reads that of the output after this has run: it may not be computed in its place.
        let (dx, dy, x, alpha) = (site.dx(i), site.dy(), site.x(i), site.weight(0));
        let (acc, dims) = (site.acc(), self.dims());
        call!(site, prelu::backward_data(dx, dy, x, alpha, dims, acc))
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (to, x, dy, dims) = (site.to().clone(), site.x(0), site.dy(), self.dims());
        call!(site, prelu::backward_alpha(to, x, dy, dims))
    }
}
