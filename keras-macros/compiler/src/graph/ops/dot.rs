//! The product of two matrices in each sample.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// A · Bᵀ in each sample: `m` rows by `n` rows of `k`.
pub struct Dot {
    /// Rows of the first input.
    pub m: Num,
    /// Rows of the second input.
    pub n: Num,
    /// Length of the rows.
    pub k: Num,
}

impl Op for Dot {
    fn kind(&self) -> Option<TokenStream> {
        let Dot { m, n, k } = self;
        Some(quote!(Dot { m: #m, n: #n, k: #k }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let Dot { m, n, k } = self;
        let (y, a, b) = (site.y(), site.x(0), site.x(1));
        Some(call!(site, dot::forward(y, a, b, m, n, k)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let Dot { m, n, k } = self;
        let (dx, dy, other, acc) = (site.dx(i), site.dy(), site.x(1 - i), site.acc());
        if i == 0 {
            return call!(site, dot::backward_a(dx, dy, other, m, n, k, acc));
        }
        call!(site, dot::backward_b(dx, dy, other, m, n, k, acc))
    }

    fn scratch(&self) -> Option<Scratch> {
        let known = self.k.known().zip(self.n.known()).map(|(k, n)| keras_shapes::plan::dense_scratch(k, n));
        Some(Scratch { function: "dense_scratch", args: vec![self.k.clone(), self.n.clone()], known })
    }
}
