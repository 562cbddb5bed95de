//! act(x·kernel + bias).

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Act, Op, Saves, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// Rows of `k` features to rows of `n`, `outer` rows for each sample. Params: kernel, and bias if it has one.
pub struct Dense {
    /// Rows for each sample.
    pub outer: Num,
    /// Features of the input.
    pub k: Num,
    /// Features of the output.
    pub n: Num,
    /// Whether there is a bias.
    pub bias: bool,
    /// The activation that is part of it.
    pub act: Act,
}

/// The most weights of a layer in a tiny network. (A kernel made for its sizes is faster up to here.)
const TINY: usize = 2048;

/// The most features that it takes: less than the depth of a block of `keras_kernels::gemm`, so that sums are one.
const DEPTH: usize = 256;

impl Op for Dense {
    fn kind(&self) -> Option<TokenStream> {
        let Dense { outer, k, n, act, .. } = self;
        let act = act.path();
        Some(quote!(Dense { outer: #outer, k: #k, n: #n, act: #act }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let Dense { outer, k, n, act, .. } = self;
        let (y, x, w) = (site.y(), site.x(0), site.weight(0));
        let b = self.bias.then(|| site.weight(1));
        Some(call!(site, dense::forward(y, x, w, b, act, outer, k, n)))
    }

    fn tiny(&self, x: &Ident, site: &Site<'_>) -> Option<TokenStream> {
        let Dense { outer, k, n, act, .. } = self;
        let (Num::Lit(1), Num::Lit(k), Num::Lit(n)) = (outer, k, n) else { return None };
        if k.saturating_mul(*n) > TINY || *k > DEPTH {
            return None;
        }
        let (w, act) = (site.array(0), act.path());
        let b = if self.bias {
            let b = site.array(1);
            quote!(Some(#b))
        } else {
            quote!(None)
        };
        let (k, n) = (Num::Lit(*k), Num::Lit(*n));
        Some(quote!(tiny::activation(isa, tiny::dense::<LANES, #k, #n>(&#x, #w, #b), #act)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        if self.act.is_linear() {
            return None;
        }
        let (dy, act) = (site.dy_mut(), &self.act);
        let y = if act.saves() == Saves::Nothing { site.nothing() } else { site.saved_y() };
        Some(call!(site, activation::backward(dy, dy, y, act, false)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let Dense { outer, k, n, .. } = self;
        let (dx, dy, w, acc) = (site.dx(i), site.dy(), site.weight(0), site.acc());
        call!(site, dense::backward_data(dx, dy, w, outer, k, n, acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let Dense { outer, k, n, .. } = self;
        let to = site.to().clone();
        if i == 1 {
            let dy = site.dy();
            return call!(site, dense::backward_bias(to, dy, outer, n));
        }
        let (x, dy) = (site.x(0), site.dy());
        call!(site, dense::backward_kernel(to, x, dy, outer, k, n))
    }

    fn with_activation(&self, act: Act) -> Option<Rc<dyn Op>> {
        if !self.act.is_linear() {
            return None;
        }
        let Dense { outer, k, n, bias, .. } = self;
        Some(Rc::new(Dense { outer: outer.clone(), k: k.clone(), n: n.clone(), bias: *bias, act }))
    }

    fn scratch(&self) -> Option<Scratch> {
        let known = self.k.known().zip(self.n.known()).map(|(k, n)| keras_shapes::plan::dense_scratch(k, n));
        Some(Scratch { function: "dense_scratch", args: vec![self.k.clone(), self.n.clone()], known })
    }
}
