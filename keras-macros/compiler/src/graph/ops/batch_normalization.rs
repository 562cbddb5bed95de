//! Normalization of channels over a batch.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// Normalization of each channel over all positions of the batch, or by moving averages. Params: factors and offsets, if
/// it has them, moving mean and moving variance.
pub struct BatchNormalization {
    /// Positions of a sample.
    pub positions: Num,
    /// Channels of a position.
    pub channels: Num,
    /// An `f32` expression.
    pub epsilon: TokenStream,
    /// What remains of a moving average in each step, an `f32` expression.
    pub momentum: TokenStream,
    /// Whether there are factors.
    pub gamma: bool,
    /// Whether there are offsets.
    pub beta: bool,
    /// Whether a second input, a mask, says which positions count.
    pub masked: bool,
    /// How it is renormalized: momentum, the least and the largest r, the largest d, `f32` expressions. The params have three
    /// more behind them then: the moving deviation, and the mean and deviation that training goes by.
    pub renorm: Option<[TokenStream; 4]>,
    /// Whether the layer is trained by default, which is all that is known of one without factors and offsets.
    pub trainable: bool,
    /// What the forward pass keeps: mean and variance, and what comes of them in renormalization.
    pub stats: ValueId,
    /// What the backward pass sums up: dy, and dy times what came out before factors and offsets.
    pub sums: ValueId,
}

impl BatchNormalization {
    fn of(&self) -> TokenStream {
        let BatchNormalization { positions, channels, epsilon, momentum, masked, .. } = self;
        let renorm = match &self.renorm {
            None => quote!(None),
            Some([momentum, rmin, rmax, dmax]) => quote!(Some(batch_normalization::Renorm {
                momentum: #momentum, rmin: #rmin, rmax: #rmax, dmax: #dmax
            })),
        };
        quote!(batch_normalization::Channels {
            positions: #positions,
            channels: #channels,
            epsilon: #epsilon,
            momentum: #momentum,
            masked: #masked,
            renorm: #renorm
        })
    }

    fn borrowed(&self) -> TokenStream {
        let of = self.of();
        quote!(&#of)
    }

    /// Factors and offsets.
    fn factors(&self, site: &Site<'_>) -> [Option<TokenStream>; 2] {
        [self.gamma.then(|| site.weight(0)), self.beta.then(|| site.weight(usize::from(self.gamma)))]
    }

    /// Where the moving averages begin.
    fn state(&self) -> usize {
        usize::from(self.gamma) + usize::from(self.beta)
    }

    fn mask(&self, site: &mut Site<'_>) -> Ident {
        if self.masked { site.x(1) } else { site.nothing() }
    }

    /// How the layer knows whether it learns.
    fn learns(&self, site: &Site<'_>) -> TokenStream {
        if self.gamma || self.beta {
            let index = site.index(0);
            quote!(batch_normalization::Learns::new(cx.training, Some(#index)))
        } else if self.trainable {
            quote!(batch_normalization::Learns::new(cx.training, None))
        } else {
            quote!(batch_normalization::Learns::new(false, None))
        }
    }
}

impl Op for BatchNormalization {
    fn kind(&self) -> Option<TokenStream> {
        let (of, gamma, beta) = (self.of(), self.gamma, self.beta);
        Some(quote!(BatchNormalization { of: #of, gamma: #gamma, beta: #beta }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let ([gamma, beta], first) = (self.factors(site), self.state());
        let [mean, variance] = [site.weight(first), site.weight(first + 1)];
        let (y, x, of) = (site.y(), site.x(0), self.borrowed());
        if site.inference {
            return Some(call!(site, batch_normalization::infer(y, x, gamma, beta, mean, variance, of)));
        }
        let (mask, stats, learns) = (self.mask(site), site.own_mut(self.stats), self.learns(site));
        if self.renorm.is_some() {
            let [deviation, old_mean, old_deviation] = [2, 3, 4].map(|i| site.weight(first + i));
            let (old, moving) = (quote!([#old_mean, #old_deviation]), quote!([#mean, #variance, #deviation]));
            return Some(call!(
                site,
                batch_normalization::renormalized(y, x, mask, stats, gamma, beta, old, moving, of, learns)
            ));
        }
        Some(call!(site, batch_normalization::forward(y, x, mask, stats, gamma, beta, mean, variance, of, learns)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let (sums, dy, x, stats) = (site.own_mut(self.sums), site.dy(), site.x(0), site.own(self.stats));
        let of = self.borrowed();
        Some(call!(site, batch_normalization::sums(sums, dy, x, stats, of)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, x, acc) = (site.dx(i), site.dy(), site.x(i), site.acc());
        let (mask, stats, sums) = (self.mask(site), site.own(self.stats), site.own(self.sums));
        let (gamma, of, learns) = (self.gamma.then(|| site.weight(0)), self.borrowed(), self.learns(site));
        call!(site, batch_normalization::backward_data(dx, dy, x, mask, stats, sums, gamma, of, learns, acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (to, of) = (site.to().clone(), self.borrowed());
        let state = self.state();
        if i == 0 && self.gamma && self.renorm.is_some() {
            let (sums, stats) = (site.own(self.sums), site.own(self.stats));
            return call!(site, batch_normalization::backward_gamma(to, sums, stats, of));
        }
        if i < state {
            let (sums, gamma) = (site.own(self.sums), self.gamma && i == 0);
            return call!(site, batch_normalization::backward_param(to, sums, of, gamma));
        }
        let what = match i - state {
            0 => quote!(batch_normalization::State::Mean),
            1 if self.renorm.is_some() => quote!(batch_normalization::State::Squared),
            1 => quote!(batch_normalization::State::Variance),
            2 => quote!(batch_normalization::State::Deviation),
            3 => quote!(batch_normalization::State::RenormMean),
            _ => quote!(batch_normalization::State::RenormDeviation),
        };
        let (stats, learns) = (site.own(self.stats), self.learns(site));
        call!(site, batch_normalization::update(to, stats, of, learns, what))
    }

    fn is_state(&self, i: usize) -> bool {
        i >= self.state()
    }

    fn scratch(&self) -> Option<Scratch> {
        let places = if self.renorm.is_some() { 2 } else { 1 };
        let args = vec![self.channels.mul(&Num::Lit(places))];
        let known = args[0].known().map(keras_shapes::plan::batch_normalization_scratch);
        Some(Scratch { function: "batch_normalization_scratch", args, known })
    }
}
