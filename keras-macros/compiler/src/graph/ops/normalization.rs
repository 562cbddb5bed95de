//! Normalization of groups of features.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// Normalization of groups of channels over all positions, as keras-kernels has it. Params: factors and offsets, if it has
/// them.
pub struct Normalization {
    /// Samples of it in a sample of the model's.
    pub outer: Num,
    /// Positions that belong together.
    pub positions: Num,
    /// Groups of channels.
    pub groups: Num,
    /// Channels of a group.
    pub depth: Num,
    /// An `f32` expression.
    pub epsilon: TokenStream,
    /// Whether the mean is subtracted.
    pub centered: bool,
    /// Whether there are factors.
    pub gamma: bool,
    /// Whether there are offsets.
    pub beta: bool,
    /// What the forward pass keeps: two floats for each group.
    pub stats: ValueId,
}

impl Normalization {
    fn groups(&self) -> TokenStream {
        let Normalization { positions, groups, depth, epsilon, centered, .. } = self;
        quote!(normalization::Groups {
            positions: #positions, groups: #groups, depth: #depth, epsilon: #epsilon, centered: #centered
        })
    }

    fn borrowed(&self) -> TokenStream {
        let groups = self.groups();
        quote!(&#groups)
    }

    fn channels(&self) -> Num {
        self.groups.mul(&self.depth)
    }
}

impl Op for Normalization {
    fn kind(&self) -> Option<TokenStream> {
        let (groups, gamma, beta) = (self.groups(), self.gamma, self.beta);
        Some(quote!(Normalization { groups: #groups, gamma: #gamma, beta: #beta }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x) = (site.y(), site.x(0));
        let stats = if site.inference { site.nothing() } else { site.own_mut(self.stats) };
        let gamma = self.gamma.then(|| site.weight(0));
        let beta = self.beta.then(|| site.weight(usize::from(self.gamma)));
        let groups = self.borrowed();
        Some(call!(site, normalization::forward(y, x, stats, gamma, beta, groups)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        // The factors' gradient reads that of the output after this has run: it may not be computed in its place.
        let (dx, dy, x, stats, acc) = (site.dx(i), site.dy(), site.x(i), site.own(self.stats), site.acc());
        let gamma = self.gamma.then(|| site.weight(0));
        let groups = self.borrowed();
        call!(site, normalization::backward_data(dx, dy, x, stats, gamma, groups, acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (to, dy) = (site.to().clone(), site.dy());
        if self.gamma && i == 0 {
            let (x, stats, groups) = (site.x(0), site.own(self.stats), self.borrowed());
            return call!(site, normalization::backward_gamma(to, x, dy, stats, groups));
        }
        let (outer, n) = (self.outer.mul(&self.positions), self.channels());
        call!(site, dense::backward_bias(to, dy, outer, n))
    }

    fn scratch(&self) -> Option<Scratch> {
        let args = vec![self.positions.clone(), self.channels()];
        let known = args[0].known().zip(args[1].known());
        let known = known.map(|(p, c)| keras_shapes::plan::normalization_scratch(p, c));
        Some(Scratch { function: "normalization_scratch", args, known })
    }
}
