//! x·T, where T is the signs of a kernel's larger weights.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// Rows of `k` features to rows of `n`, by a kernel whose weights count as −1, 0 or 1, times the mean of their magnitudes if
/// there is no threshold. Params: the kernel, and without a threshold the same once more, since its gradient has two parts.
pub struct Ternary {
    /// Rows for each sample.
    pub outer: Num,
    /// Features of the input.
    pub k: Num,
    /// Features of the output.
    pub n: Num,
    /// From which magnitude on weights count.
    pub threshold: Threshold,
}

/// From which magnitude on weights count.
pub enum Threshold {
    /// An `f32` expression.
    Given(TokenStream),
    /// Half of the mean magnitude, which this value has.
    Mean(ValueId),
}

impl Ternary {
    fn given(&self) -> Option<&TokenStream> {
        match &self.threshold {
            Threshold::Given(threshold) => Some(threshold),
            Threshold::Mean(_) => None,
        }
    }
}

impl Op for Ternary {
    fn kind(&self) -> Option<TokenStream> {
        let (Ternary { outer, k, n, .. }, threshold) = (self, super::dropout::some_or_none(self.given()));
        Some(quote!(Ternary { outer: #outer, k: #k, n: #n, threshold: #threshold }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (Ternary { outer, k, n, .. }, y, x) = (self, site.y(), site.x(0));
        let own = match self.threshold {
            Threshold::Mean(own) if !site.inference => site.own_mut(own),
            _ => site.nothing(),
        };
        Some(call!(site, ternary::forward(y, x, own, site.weight(0), self.given(), outer, k, n)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let Threshold::Mean(own) = self.threshold else { return None };
        let (dy, own) = (site.dy_mut(), site.own(own));
        Some(call!(site, ternary::scale(dy, own)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (Ternary { outer, k, n, .. }, dx, dy, acc) = (self, site.dx(i), site.dy(), site.acc());
        let own = match self.threshold {
            Threshold::Mean(own) => site.own(own),
            Threshold::Given(_) => site.nothing(),
        };
        call!(site, ternary::backward_data(dx, dy, own, site.weight(0), self.given(), outer, k, n, acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (Ternary { outer, k, n, .. }, to) = (self, site.to().clone());
        match self.threshold {
            Threshold::Mean(own) if i == 1 => {
                let (own, y, dy) = (site.own(own), site.saved_y(), site.dy());
                call!(site, ternary::backward_mean(to, own, y, dy, k, n))
            }
            _ => {
                let (x, dy) = (site.x(0), site.dy());
                call!(site, dense::backward_kernel(to, x, dy, outer, k, n))
            }
        }
    }

    fn scratch(&self) -> Option<Scratch> {
        let known = self.k.known().zip(self.n.known()).map(|(k, n)| keras_shapes::plan::ternary_scratch(k, n));
        Some(Scratch { function: "ternary_scratch", args: vec![self.k.clone(), self.n.clone()], known })
    }
}
