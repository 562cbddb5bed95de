//! Spectral normalization.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// What a kernel has made of its input, divided by the kernel's largest singular value while it is trained. Params: the
/// kernel, and the vector by which the value is found.
pub struct Spectral {
    /// Rows of the kernel, and their length.
    pub m: Num,
    /// Length of a row.
    pub c: Num,
    /// Steps of the power iteration.
    pub iterations: Num,
    /// The value and both vectors: see `keras_kernels::steps::spectral`.
    pub own: ValueId,
}

impl Op for Spectral {
    fn kind(&self) -> Option<TokenStream> {
        let iterations = &self.iterations;
        Some(quote!(Spectral { iterations: #iterations }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x) = (site.y(), site.x(0));
        if site.inference {
            return Some(call!(site, spectral::infer(y, x)));
        }
        let (own, w, u, iterations) = (site.own_mut(self.own), site.weight(0), site.weight(1), &self.iterations);
        Some(call!(site, spectral::forward(y, x, own, w, u, iterations, quote!(cx.training))))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, own, acc) = (site.dx(i), site.dy(), site.own(self.own), site.acc());
        call!(site, spectral::backward_data(dx, dy, own, acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (to, own, m, c) = (site.to().clone(), site.own(self.own), &self.m, &self.c);
        if i == 1 {
            return call!(site, spectral::update(to, own, c, quote!(cx.training)));
        }
        let (y, dy) = (site.saved_y(), site.dy());
        call!(site, spectral::backward_kernel(to, own, y, dy, m, c))
    }

    fn is_state(&self, i: usize) -> bool {
        i == 1
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
