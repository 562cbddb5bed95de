//! Recurrent layers whose cell is an LSTM at each position of an image: its products are convolutions.
//!
//! A sample `x` is `steps` images. With the states h and c of the step before, which are images of `filters` features:
//! c = f·c + i·g, h = o·act(c), where i, f, o = σ(x ∗ W + b + h ∗ U) and g = act(…). σ is the recurrent activation. The
//! kernels W and U have for each tap a matrix with `filters` columns for each gate, in the order i, f, g, o. The convolution
//! by U is padded and moves by one position, so that h keeps its size. That is how Keras has them.
//!
//! The forward pass begins with one convolution of all steps of all samples, x ∗ W + b, to where the gates will be; then
//! come the steps. The backward pass puts the gradients of these sums in the place of the gates ([`backward`]); from these,
//! the gradients of x, W, U and b are one kernel's call each, in which steps are samples.
//!
//! What a mask leaves out is not computed: a step of a sample is an image, and each convolution is made for runs of images that
//! count. The gradients of the sums of the others are 0, and so is what would have been convolved with U.
//!
//! Rows of the batch do not depend on each other, and their bits do not depend on which rows a call computes.

pub mod scalar;
mod time;

use core::ops::Range;

use crate::activation::Act;
use crate::dense::Runs;
use crate::gemm::even_ranges;
use crate::memory::{Out, Use};
pub use crate::recurrent::{Given, Recurrent, Saved, Weights};
use crate::recurrent::{cells::Step, fast};
use crate::{Isa, conv, dense};
pub use keras_shapes::windows::{Geometry, Windows};
use time::Engine;

/// A layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvRecurrent {
    /// The cell at each position, an LSTM: its units are the filters, its k the features of x.
    pub cell: Recurrent,
    /// x ∗ W at a step. Where x is there once for each gate, features beside features, each is a group.
    pub input: Geometry,
    /// h ∗ U at a step. Where h is masked for each gate, each is a group.
    pub state: Geometry,
}

impl ConvRecurrent {
    /// Positions of a state.
    #[must_use]
    pub const fn positions(&self) -> usize {
        self.input.windows.count()
    }

    /// Elements of x for a sample.
    #[must_use]
    pub const fn x_len(&self) -> usize {
        self.cell.steps * self.input.windows.positions() * self.input.cin
    }

    /// Elements of the output for a sample, without states.
    #[must_use]
    pub const fn out_len(&self) -> usize {
        self.cell.out_len() * self.positions()
    }

    /// Elements of the output for a sample, with states if they come out.
    #[must_use]
    pub const fn y_len(&self) -> usize {
        self.cell.y_len() * self.positions()
    }

    /// Elements of h, or of c, for a sample.
    #[must_use]
    pub const fn image(&self) -> usize {
        self.cell.units * self.positions()
    }

    /// Elements of each part of [`Saved`] for a sample, in its order. Steps are images, and those of `state`, h and c side
    /// by side, one image.
    #[must_use]
    pub const fn lens(&self) -> [usize; 9] {
        let (l, positions) = (&self.cell, self.positions());
        [
            l.gates_len() * positions,
            l.a_len() * positions,
            l.aux_len() * positions,
            l.pre_len() * positions,
            0,
            self.drop_len(),
            l.state_len() * positions,
            l.sums_len() * positions,
            l.parts() * l.units * positions,
        ]
    }

    /// Elements of [`Saved::drop`] for a sample.
    #[must_use]
    pub const fn drop_len(&self) -> usize {
        self.cell.drop_len() * self.positions()
    }

    /// How many images the gates of all steps have.
    fn images(&self, gates: usize) -> usize {
        gates.checked_div(self.cell.n() * self.positions()).unwrap_or(0)
    }

    /// Those of them that a mask does not leave out.
    fn runs<'a>(&self, mask: Option<&'a [f32]>, gates: usize) -> Runs<'a> {
        Runs::of_images(mask, self.cell.steps, self.images(gates), self.positions())
    }
}

/// Elements of an image that a convolution takes, and of one that it gives.
fn image_lens(g: &Geometry) -> [usize; 2] {
    [g.windows.positions() * g.cin, g.windows.count() * g.cout]
}

/// The elements of some images or samples, where each has so many.
fn of(images: &Range<usize>, len: usize) -> Range<usize> {
    images.start * len..images.end * len
}

/// Gates of samples that go through all steps together, at the most: they stay in the second-level cache.
const TOGETHER: usize = 1 << 18;

/// All samples, some at a time.
fn blocks(l: &ConvRecurrent, samples: usize) -> impl Iterator<Item = Range<usize>> {
    let most = (TOGETHER / l.lens()[0].max(1)).max(1);
    even_ranges(samples, most)
}

fn given<'a, R>(l: &ConvRecurrent, given: Given<'a, R>, samples: &Range<usize>) -> Given<'a, R> {
    let of = |x: Option<&'a [R]>, len: usize| x.map(|x| &x[of(samples, len)]);
    Given { h: of(given.h, l.image()), c: of(given.c, l.image()), mask: of(given.mask, l.cell.steps) }
}

fn saved<'a, R>(l: &ConvRecurrent, saved: &'a mut Saved<'_, R>, samples: &Range<usize>) -> Saved<'a, R> {
    let [gates, a, aux, pre, h, drop, state, sums, work] = l.lens().map(|len| samples.start * len..samples.end * len);
    Saved {
        gates: &mut saved.gates[gates],
        a: &mut saved.a[a],
        aux: &mut saved.aux[aux],
        pre: &mut saved.pre[pre],
        h: &mut saved.h[h],
        drop: &mut saved.drop[drop],
        state: &mut saved.state[state],
        sums: &mut saved.sums[sums],
        work: &mut saved.work[work],
    }
}

/// Convolutions and activations of an instruction set.
struct Fast<'a> {
    isa: Isa,
    state: &'a Geometry,
    u: &'a [f32],
    tmp: &'a mut [f32],
}

impl Engine<f32> for Fast<'_> {
    fn product(&mut self, sums: &mut [f32], a: &[f32], samples: usize) {
        conv::forward(self.isa, sums, a, self.u, None, Act::Linear, samples, self.state, self.tmp);
    }

    fn transposed(&mut self, da: &mut [f32], sums: &[f32], samples: usize) {
        conv::backward_data(self.isa, da, sums, self.u, samples, self.state, false, self.tmp);
    }

    fn forward(&mut self, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
        fast::forward(self.isa, step, saved);
    }

    fn backward(&mut self, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
        fast::backward(self.isa, step, saved);
    }
}

/// The output for all samples in `x`: what [`Recurrent::output`] says, and behind it, for each sample, the states after the
/// last step if [`Recurrent::states`]. `tmp` is scratch of
/// [`keras_shapes::plan::conv_recurrent_scratch`]`(input, state)` floats.
///
/// # Panics
/// If a slice has another length than the sizes say for a whole number of samples, or `tmp` is too short.
pub fn forward(
    isa: Isa,
    l: &ConvRecurrent,
    y: &mut [f32],
    x: &[f32],
    states: Given<'_, f32>,
    w: Weights<'_, f32>,
    kept: &mut Saved<'_, f32>,
    tmp: &mut [f32],
) {
    let all = time::samples(l, y.len(), states.mask, kept);
    let wide = l.x_len();
    assert!(x.len() == all * wide, "x has {} elements instead of {all} × {wide}", x.len());
    for samples in blocks(l, all) {
        let (states, mut kept) = (given(l, states, &samples), saved(l, kept, &samples));
        let x = &x[samples.start * wide..samples.end * wide];
        let [from, to] = image_lens(&l.input);
        for run in l.runs(states.mask, kept.gates.len()) {
            let (x, gates) = (&x[of(&run, from)], &mut kept.gates[of(&run, to)]);
            conv::forward(isa, gates, x, w.kernel, w.bias, Act::Linear, run.len(), &l.input, tmp);
        }
        let y = &mut y[samples.start * l.y_len()..samples.end * l.y_len()];
        let engine = &mut Fast { isa, state: &l.state, u: w.recurrent, tmp: &mut *tmp };
        time::forward(engine, l, y, states, &mut kept);
    }
}

/// The gradients of x ∗ W + b, in the place of the gates, and those of the initial states, in `saved.state`, from `dy`, that
/// of `y`. `tmp` as in [`forward`].
///
/// # Panics
/// As [`forward`].
pub fn backward(
    isa: Isa,
    l: &ConvRecurrent,
    dy: &[f32],
    mask: Option<&[f32]>,
    w: Weights<'_, f32>,
    kept: &mut Saved<'_, f32>,
    tmp: &mut [f32],
) {
    let all = time::samples(l, dy.len(), mask, kept);
    for samples in blocks(l, all) {
        let dy = &dy[samples.start * l.y_len()..samples.end * l.y_len()];
        let mask = mask.map(|mask| &mask[samples.start * l.cell.steps..samples.end * l.cell.steps]);
        let engine = &mut Fast { isa, state: &l.state, u: w.recurrent, tmp: &mut *tmp };
        time::backward(engine, l, dy, mask, &mut saved(l, kept, &samples));
    }
}

/// dx, or dx += that if `acc`, where `gates` has the gradients of x ∗ W + b. `tmp` as in [`forward`].
///
/// # Panics
/// As [`forward`].
pub fn backward_data(
    isa: Isa,
    l: &ConvRecurrent,
    dx: &mut [f32],
    gates: &[f32],
    mask: Option<&[f32]>,
    w: &[f32],
    acc: bool,
    tmp: &mut [f32],
) {
    let [from, to] = image_lens(&l.input);
    let images = l.images(gates.len());
    assert!(dx.len() == images * from, "a gradient of {} elements instead of {images} × {from}", dx.len());
    let mut done = 0;
    for run in l.runs(mask, gates.len()) {
        if !acc {
            dx[done * from..run.start * from].fill(0.0);
        }
        conv::backward_data(isa, &mut dx[of(&run, from)], &gates[of(&run, to)], w, run.len(), &l.input, acc, tmp);
        done = run.end;
    }
    if !acc {
        dx[done * from..].fill(0.0);
    }
}

/// The gradient of the initial h, which is number 0, or c, from `state`, where [`backward`] has left it.
///
/// # Panics
/// As [`forward`].
pub fn backward_state(isa: Isa, l: &ConvRecurrent, i: usize, dx: &mut [f32], state: &[f32], acc: bool) {
    let u = l.cell.units.max(1);
    for (dx, state) in dx.chunks_exact_mut(u).zip(state.chunks_exact(2 * u)) {
        crate::add::backward(isa, dx, &state[i * u..][..u], acc);
    }
}

/// dW from x and the gradients of x ∗ W + b, over the whole batch; `out` is that of W. `tmp` as in [`forward`].
///
/// # Panics
/// As [`forward`].
pub fn backward_kernel(
    isa: Isa,
    out: Out<'_>,
    l: &ConvRecurrent,
    x: &[f32],
    gates: &[f32],
    mask: Option<&[f32]>,
    tmp: &mut [f32],
) {
    by_runs(isa, out, x, gates, l.runs(mask, gates.len()), &l.input, tmp);
}

/// dU from what was convolved with it and the gradients of x ∗ W + b, over the whole batch; `out` is that of U. `tmp` as in
/// [`forward`].
///
/// # Panics
/// As [`forward`].
pub fn backward_recurrent(
    isa: Isa,
    out: Out<'_>,
    l: &ConvRecurrent,
    a: &[f32],
    gates: &[f32],
    mask: Option<&[f32]>,
    tmp: &mut [f32],
) {
    by_runs(isa, out, a, gates, l.runs(mask, gates.len()), &l.state, tmp);
}

/// The gradient of a kernel from some of the images: a contribution from each run of them.
fn by_runs(isa: Isa, mut out: Out<'_>, x: &[f32], dy: &[f32], mut runs: Runs<'_>, g: &Geometry, tmp: &mut [f32]) {
    let [from, to] = image_lens(g);
    let (mut run, mut first) = (runs.next().unwrap_or(0..0), true);
    loop {
        let next = runs.next();
        let uses = match (first, next.is_none()) {
            (true, true) => Use::Only,
            (true, false) => Use::First,
            (false, false) => Use::Middle,
            (false, true) => Use::Last,
        };
        conv::backward_kernel(isa, out.within(uses), &x[of(&run, from)], &dy[of(&run, to)], run.len(), g, tmp);
        let Some(more) = next else { break };
        (run, first) = (more, false);
    }
}

/// db from the gradients of x ∗ W + b, over the whole batch; `out` is that of b.
///
/// # Panics
/// As [`forward`].
pub fn backward_bias(isa: Isa, out: Out<'_>, l: &ConvRecurrent, gates: &[f32]) {
    dense::backward_bias(isa, out, gates, l.images(gates.len()) * l.positions(), l.cell.n());
}
