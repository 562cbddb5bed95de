//! Products of rows with one of several kernels, and a bias that is added.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// Rows of `groups` times `k` features to rows of `groups` times `n`; each group has a kernel of its own. Param: the kernels.
pub struct Einsum {
    /// Rows for each sample.
    pub outer: Num,
    /// How many kernels there are.
    pub groups: Num,
    /// Features of a group of the input.
    pub k: Num,
    /// Features of a group of the output.
    pub n: Num,
    /// Elements from one kernel to the next, from one of the `k` to the next, and from one of the `n` to the next.
    pub strides: [Num; 3],
}

impl Einsum {
    /// One kernel of `n` rows of `k`.
    #[must_use]
    pub fn transposed(outer: Num, k: Num, n: Num) -> Einsum {
        let strides = [k.mul(&n), Num::Lit(1), k.clone()];
        Einsum { outer, groups: Num::Lit(1), k, n, strides }
    }

    fn groups(&self) -> TokenStream {
        let Einsum { groups, k, n, strides: [of_group, of_k, of_n], .. } = self;
        quote!(einsum::Groups { groups: #groups, k: #k, n: #n, strides: [#of_group, #of_k, #of_n] })
    }

    fn borrowed(&self) -> TokenStream {
        let groups = self.groups();
        quote!(&#groups)
    }
}

impl Op for Einsum {
    fn kind(&self) -> Option<TokenStream> {
        let (outer, groups) = (&self.outer, self.groups());
        Some(quote!(Einsum { outer: #outer, groups: #groups }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, w, groups) = (site.y(), site.x(0), site.weight(0), self.borrowed());
        Some(call!(site, einsum::forward(y, x, w, self.outer, groups)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, w, acc, groups) = (site.dx(i), site.dy(), site.weight(0), site.acc(), self.borrowed());
        call!(site, einsum::backward_data(dx, dy, w, self.outer, groups, acc))
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (to, x, dy, groups) = (site.to().clone(), site.x(0), site.dy(), self.borrowed());
        call!(site, einsum::backward_kernel(to, x, dy, self.outer, groups))
    }

    fn scratch(&self) -> Option<Scratch> {
        let known = self.k.known().zip(self.n.known()).map(|(k, n)| keras_shapes::plan::dense_scratch(k, n));
        Some(Scratch { function: "dense_scratch", args: vec![self.k.clone(), self.n.clone()], known })
    }
}

/// A bias of this length that is added to rows. Param: the bias.
pub struct Bias {
    /// Rows for each sample.
    pub outer: Num,
    /// Length of a row.
    pub n: Num,
}

impl Op for Bias {
    fn kind(&self) -> Option<TokenStream> {
        let Bias { outer, n } = self;
        Some(quote!(Bias { outer: #outer, n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x) = (site.y(), site.x(0));
        let b = site.weight(0);
        Some(call!(site, bias::forward(y, x, b)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        call!(site, add::backward(dx, dy, acc))
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (to, dy) = (site.to().clone(), site.dy());
        call!(site, dense::backward_bias(to, dy, self.outer, self.n))
    }
}
