//! Recurrent layers: a cell that goes through time with a state.
//!
//! A sample `x` is `steps × k`, its states have `units` elements. At each step, with the state h of the step before:
//!
//! | cell | gates | |
//! |---|---|---|
//! | [`Cell::Simple`] | 1 | h = act(x·W + b + h·U) |
//! | [`Cell::Lstm`] | i, f, g, o | c = f·c + i·g, h = o·act(c); i, f, o = σ(x·W + b + h·U), g = act(…) |
//! | [`Cell::Gru`] | z, r, g | h = z·h + (1 − z)·g; z, r = σ(x·W + b + h·U + b'), g = act(x·W + b + r·(h·U + b')) |
//! | without `reset_after` | z, r, g | the same with g = act(x·W + b + (r·h)·U), and no b' |
//!
//! σ is the recurrent activation. A gate has `units` columns in W (`k × n`), U (`units × n`) and b (`n`), with n the
//! columns of all gates. That is how Keras has them.
//!
//! The forward pass makes the projections x·W + b of a step for some rows and adds the products with U to them. The backward pass puts the gradients of the projections in the place of the gates
//! ([`backward`]); from these, the gradients of x, W, U and b are one product each ([`backward_data`], [`backward_kernel`],
//! [`backward_recurrent`], [`backward_bias`]).
//!
//! What a mask leaves out is not computed: at each step the rows that count are taken together, and the products over all
//! steps take runs of those that count. The gradients of the projections that are left out are 0, and so is what would have
//! been multiplied by U, so that all that is kept is the same whatever rows lie side by side.
//!
//! Rows of the batch do not depend on each other, and their bits do not depend on which rows a call computes.

pub(crate) mod cells;
pub(crate) mod fast;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
mod params;
pub mod scalar;
mod sizes;
mod taken;
mod time;

pub use params::{backward_bias, backward_data, backward_kernel, backward_recurrent};
pub use sizes::{Cell, Output, Recurrent};

use core::ops::Range;

use crate::Isa;
use crate::dense::Runs;
use crate::dropout::{self, Key};
use crate::gemm::even_ranges;
use crate::gemm::view::ViewMut;
use fast::Fast;
use taken::Taken;

/// What the forward pass keeps for the backward pass; [`Recurrent`] has the length of each for a sample.
#[derive(Debug)]
pub struct Saved<'a, R> {
    /// The projections, then the gates, then the gradients of the projections.
    pub gates: &'a mut [R],
    /// What was multiplied by U at each step: h, or a part for each product.
    pub a: &'a mut [R],
    /// For [`Cell::Lstm`] the c before each step and act(c) after it; for [`Cell::Gru`] with `reset_after` h·U + b' of the
    /// last gate, and then the gradients of h·U + b' of all gates.
    pub aux: &'a mut [R],
    /// Where an activation's slope is worked out from its input: these inputs.
    pub pre: &'a mut [R],
    /// The h before each step, where `a` does not have it.
    pub h: &'a mut [R],
    /// The masks of the recurrent dropout, scaled.
    pub drop: &'a mut [R],
    /// The states at a step; in the backward pass their gradients, at its end those of the initial states.
    pub state: &'a mut [R],
    /// What is summed up for the gates at a step, so that the products have it at hand. Of a [`Cell::Gru`] with
    /// `reset_after` and of convolutions it is what is summed up by U; the latter leave its gradient there in the backward
    /// pass.
    pub sums: &'a mut [R],
    /// Room for a row of the state.
    pub work: &'a mut [R],
}

/// The weights of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a, R> {
    /// W.
    pub kernel: &'a [R],
    /// U.
    pub recurrent: &'a [R],
    /// b, and b' behind it for a [`Cell::Gru`] with `reset_after`.
    pub bias: Option<&'a [R]>,
}

impl<'a, R> Weights<'a, R> {
    /// b and b'.
    fn biases(&self, l: &Recurrent) -> [Option<&'a [R]>; 2] {
        match (self.bias, l.cell) {
            (Some(b), Cell::Gru { reset_after: true }) => {
                let (input, recurrent) = b.split_at(l.n());
                [Some(input), Some(recurrent)]
            }
            (b, _) => [b, None],
        }
    }
}

/// What the steps are given besides the projections, each for all samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a, R> {
    /// The h before the first step; 0 if it is not given.
    pub h: Option<&'a [R]>,
    /// The c before the first step; 0 if it is not given.
    pub c: Option<&'a [R]>,
    /// For each step 0 if it is left out: states and output are those of the step before.
    pub mask: Option<&'a [R]>,
}

impl<'a, R> Given<'a, R> {
    fn rows(&self, l: &Recurrent, rows: &Range<usize>) -> Given<'a, R> {
        let of = |x: Option<&'a [R]>, len: usize| x.map(|x| &x[rows.start * len..rows.end * len]);
        Given { h: of(self.h, l.units), c: of(self.c, l.units), mask: of(self.mask, l.steps) }
    }
}

impl<R> Saved<'_, R> {
    fn rows(&mut self, l: &Recurrent, rows: &Range<usize>) -> Saved<'_, R> {
        let of = |len: usize| rows.start * len..rows.end * len;
        Saved {
            gates: &mut self.gates[of(l.gates_len())],
            a: &mut self.a[of(l.a_len())],
            aux: &mut self.aux[of(l.aux_len())],
            pre: &mut self.pre[of(l.pre_len())],
            h: &mut self.h[of(l.h_len())],
            drop: &mut self.drop[of(l.drop_len())],
            state: &mut self.state[of(l.state_len())],
            sums: &mut self.sums[of(l.sums_len())],
            work: &mut self.work[of(l.work_len())],
        }
    }
}

/// Rows that go through all steps together, at the most: what they have at a step stays in the second-level cache.
const TOGETHER: usize = 64;

/// From so many rows on, the projections are made step by step, each just before it is needed. For fewer, they are made
/// for all steps at once, since each product reads all of W.
const FEW: usize = 8;

/// The output for all samples in `x`: what [`Recurrent::output`] says, and behind it, for each sample, the states after the
/// last step if [`Recurrent::states`]. `tmp` is scratch of any length; where a mask leaves out steps, what is computed has room
/// there to lie side by side, of [`keras_shapes::plan::recurrent_scratch`]`(k, units, n)` floats for the best speed.
///
/// # Panics
/// If a slice has another length than the sizes say for a whole number of samples.
pub fn forward(
    isa: Isa,
    l: &Recurrent,
    y: &mut [f32],
    x: &[f32],
    given: Given<'_, f32>,
    w: Weights<'_, f32>,
    saved: &mut Saved<'_, f32>,
    tmp: &mut [f32],
) {
    let all = time::samples(l, y.len(), given.mask, saved);
    let ([input, bias], wide) = (w.biases(l), l.steps * l.inputs * l.k);
    assert!(x.len() == all * wide, "x has {} elements instead of {all} × {wide}", x.len());
    for rows in even_ranges(all, TOGETHER) {
        let (given, mut saved) = (given.rows(l, &rows), saved.rows(l, &rows));
        let x = &x[rows.start * wide..rows.end * wide];
        let mut fast = Fast::new(isa, l, w, &mut *tmp);
        if rows.len() >= FEW {
            fast.project(x);
        } else {
            for run in Runs::of(given.mask, l.steps, rows.len() * l.steps) {
                let c = ViewMut { data: &mut *saved.gates, at: run.start * l.n(), stride: l.n() };
                params::project(isa, l, c, (x, run.start, 1), w.kernel, input, Taken::All(run.len()), &mut []);
            }
        }
        let y = &mut y[rows.start * l.y_len()..rows.end * l.y_len()];
        time::forward(&mut fast, l, y, given, bias, &mut saved);
    }
}

/// The gradients of the projections, in the place of the gates, and those of the initial states, in `saved.state`, from
/// `dy`, that of `y`. `tmp` is scratch of [`keras_shapes::plan::recurrent_scratch`]`(k, units, n)` floats.
///
/// # Panics
/// As [`forward`], or if `tmp` is too short.
pub fn backward(
    isa: Isa,
    l: &Recurrent,
    dy: &[f32],
    mask: Option<&[f32]>,
    w: Weights<'_, f32>,
    saved: &mut Saved<'_, f32>,
    tmp: &mut [f32],
) {
    let all = time::samples(l, dy.len(), mask, saved);
    let mut fast = Fast::back(isa, l, w, tmp);
    for rows in even_ranges(all, TOGETHER) {
        let dy = &dy[rows.start * l.y_len()..rows.end * l.y_len()];
        let mask = mask.map(|mask| &mask[rows.start * l.steps..rows.end * l.steps]);
        time::backward(&mut fast, l, dy, mask, &mut saved.rows(l, &rows));
    }
}

/// The masks of the recurrent dropout, each element 0 or 1 / (1 − rate); 1 without a key. They are those of samples from
/// number `first` of the batch on.
pub fn draw(isa: Isa, drop: &mut [f32], rate: f32, key: Option<Key>, first: u64) {
    drop.fill(1.0);
    if let Some(key) = key {
        dropout::forward(isa, drop, None, rate, key, first);
    }
}
