//! Cells that go through time, whose products are convolutions: these are launches of their own, between those of each step.

use keras_kernels::activation::Act;
use keras_kernels::conv_recurrent::scalar::parts;
use keras_kernels::conv_recurrent::{ConvRecurrent, Given, Saved};

use super::activation::arguments;
use super::conv::{against, along, kernel};
use super::dense::{columns, put};
use super::dropout::Stream;
use super::recurrent::{draw, inputs, sizes};
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::device::reference::Memory;
use crate::model::graph::OpKind;

/// A layer at its place: its inputs, weights, and what it keeps, as the parts of [`Saved`].
#[derive(Clone, Copy)]
struct At {
    l: &'static ConvRecurrent,
    samples: usize,
    x: Span,
    /// The initial h, the initial c, and the mask, if they are given.
    given: [Option<Span>; 3],
    kernel: Span,
    recurrent: Span,
    bias: Option<Span>,
    gates: Span,
    a: Span,
    aux: Span,
    pre: Option<Span>,
    drop: Option<Span>,
    state: Span,
    sums: Span,
    work: Span,
}

/// Numbers of it: what is kept, in the order of [`Saved`], and the mask.
struct Found {
    kept: [Vec<f32>; 8],
    mask: Option<Vec<f32>>,
}

impl Found {
    fn saved(&mut self) -> (Saved<'_, f32>, Option<&[f32]>) {
        let [gates, a, aux, pre, drop, state, sums, work] = &mut self.kept;
        (Saved { gates, a, aux, pre, h: &mut [], drop, state, sums, work }, self.mask.as_deref())
    }
}

impl At {
    fn new(site: &mut Site<'_, '_>, l: &'static ConvRecurrent, given: [bool; 3]) -> At {
        let samples = site.b.rows;
        let [gates, a, aux, pre, _, drop, state, sums, work] = l.lens();
        let mut own = |i: usize, len: usize| site.own(i, samples * len);
        let [gates, a, aux] = [(0, gates), (1, a), (2, aux)].map(|(i, len)| own(i, len));
        let [state, sums, work] = [(3, state), (4, sums), (5, work)].map(|(i, len)| own(i, len));
        let [pre, drop] = [(6, pre), (7, drop)].map(|(i, len)| (len > 0).then(|| own(i, len)));
        let given = inputs(given).map(|input| input.map(|input| site.x(input)));
        let (x, kernel, recurrent, bias) = (site.x(0), site.w(0), site.w(1), site.w_if(2));
        At { l, samples, x, given, kernel, recurrent, bias, gates, a, aux, pre, drop, state, sums, work }
    }

    /// What is kept: where it lies, in the order of [`Found`].
    fn kept(&self) -> [Option<Span>; 8] {
        let &At { gates, a, aux, pre, drop, state, sums, work, .. } = self;
        [Some(gates), Some(a), Some(aux), pre, drop, Some(state), Some(sums), Some(work)]
    }

    fn find(&self, memory: &Memory) -> Found {
        let kept = self.kept().map(|span| memory.f32_if(span).unwrap_or_default());
        Found { kept, mask: memory.f32_if(self.given[2]) }
    }

    /// Writes what has changed of what is kept.
    fn leave(&self, memory: &mut Memory, found: &Found, changed: &[Span]) {
        for (to, from) in self.kept().into_iter().zip(&found.kept) {
            if let Some(to) = to.filter(|to| changed.contains(to)) {
                memory.f32_mut(to).copy_from_slice(from);
            }
        }
    }

    /// A launch with a thread for each of so many elements.
    fn over(&self, name: &'static str, len: usize) -> Launch {
        Launch::new("conv_recurrent", name).over(len).of([sizes(&self.l.cell)])
    }

    /// The same of a kernel that knows positions.
    fn by_rows(&self, name: &'static str, len: usize) -> Launch {
        self.over(name, len).of([self.l.positions()])
    }

    /// Units of all rows.
    fn units(&self) -> usize {
        self.samples * self.l.image()
    }

    /// The last arguments of a step's kernel.
    fn step(&self, launch: Launch, s: usize) -> Launch {
        let launch = launch.int(self.units()).int(s);
        arguments(arguments(launch, self.l.cell.act), self.l.cell.recurrent_act)
    }
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::ConvRecurrent { layer: l, given, rate, stream, seed } = site.kind() else { return };
    let at = At::new(site, l, given);
    let At { samples, state, sums, work, .. } = at;
    let stream = Stream::new(site, seed, stream);
    draw(site, at.drop, rate, stream);
    along(site, samples * l.cell.steps, [at.gates, at.x, at.kernel], at.bias, Act::Linear, l.input);
    let [h0, c0, mask] = at.given;
    let launch = at.over("conv_recurrent_begin", state.len).out(state).reads_if(h0).reads_if(c0).int(state.len);
    site.launch(launch.means(move |memory| {
        let (h, c) = (memory.f32_if(h0), memory.f32_if(c0));
        let given = Given { h: h.as_deref(), c: c.as_deref(), mask: None };
        parts::begin(l, memory.f32_mut(state), given);
    }));
    let y = site.y();
    for s in 0..l.cell.steps {
        let launch = at.by_rows("conv_recurrent_multiply", work.len).out(work).out(at.a).reads(state);
        site.launch(launch.reads_if(at.drop).int(work.len).int(s).means(move |memory| {
            let mut found = at.find(memory);
            parts::multiply(l, s, &mut found.saved().0);
            at.leave(memory, &found, &[work, at.a]);
        }));
        along(site, samples, [sums, work, at.recurrent], None, Act::Linear, l.state);
        let launch = at.by_rows("conv_recurrent_forward", at.units()).out(y).out(at.gates).out(at.aux);
        let launch = launch.out_if(at.pre).out(state).reads(sums).reads_if(mask);
        site.launch(at.step(launch, s).means(move |memory| {
            let mut found = at.find(memory);
            let (mut saved, mask) = found.saved();
            parts::step(l, s, memory.f32_mut(y), mask, &mut saved);
            at.leave(memory, &found, &[at.gates, at.aux, at.pre.unwrap_or(at.aux), state]);
        }));
    }
    if l.cell.states {
        let launch = at.by_rows("conv_recurrent_end", state.len).out(y).reads(state).int(state.len);
        site.launch(launch.means(move |memory| {
            let state = memory.f32(state);
            parts::end(l, memory.f32_mut(y), &state);
        }));
    }
}

/// The way back through the steps. It leaves the gradients of x ∗ W + b in the place of the gates, and those of the initial states in
/// that of the states.
fn back(site: &mut Site<'_, '_>, at: At) {
    let (l, dy, mask) = (at.l, site.dy(), at.given[2]);
    let At { samples, state, sums, work, .. } = at;
    let launch = at.by_rows("conv_recurrent_begin_back", state.len).out(state).reads(dy).int(state.len);
    site.launch(launch.means(move |memory| {
        let dy = memory.f32(dy);
        parts::begin_back(l, &dy, memory.f32_mut(state));
    }));
    for s in (0..l.cell.steps).rev() {
        let launch = at.by_rows("conv_recurrent_backward", at.units()).out(at.gates).out(sums).out(state);
        let launch = launch.reads(dy).reads(at.aux).reads_if(at.pre).reads_if(mask);
        site.launch(at.step(launch, s).means(move |memory| {
            let (mut found, dy) = (at.find(memory), memory.f32(dy));
            let (mut saved, mask) = found.saved();
            parts::step_back(l, s, &dy, mask, &mut saved);
            at.leave(memory, &found, &[at.gates, sums, state]);
        }));
        against(site, samples, (work, false), [sums, at.recurrent], None, Act::Linear, l.state);
        let launch = at.over("conv_recurrent_multiply_back", at.units()).out(state).reads(work).reads_if(at.drop);
        site.launch(launch.int(at.units()).means(move |memory| {
            let mut found = at.find(memory);
            parts::multiply_back(l, &mut found.saved().0);
            at.leave(memory, &found, &[state]);
        }));
    }
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::ConvRecurrent { layer: l, given, .. } = site.kind() else { return };
    let at = At::new(site, l, given);
    let (images, state) = (at.samples * l.cell.steps, at.state);
    back(site, at);
    for (which, input) in inputs(given).into_iter().take(2).enumerate() {
        let Some((d, acc)) = input.and_then(|input| site.dx(input)) else { continue };
        let launch = at.over("conv_recurrent_initial", d.len).of([acc]).out(d).reads(state).int(d.len).int(which);
        site.launch(launch.means(move |memory| {
            let (state, u) = (memory.f32(state), l.cell.units.max(1));
            let rows = memory.f32_mut(d).chunks_exact_mut(u).zip(state.chunks_exact(2 * u));
            rows.for_each(|(d, state)| put(d, &state[which * u..][..u], acc));
        }));
    }
    if let Some(dx) = site.dx(0) {
        against(site, images, dx, [at.gates, at.kernel], None, Act::Linear, l.input);
    }
    if let Some(dw) = site.dw(0) {
        kernel(site, images, dw, [at.x, at.gates], l.input);
    }
    if let Some(du) = site.dw(1) {
        kernel(site, images, du, [at.a, at.gates], l.state);
    }
    if let Some(db) = site.dw(2) {
        columns(site, db, at.gates, images * l.positions(), l.cell.n());
    }
}
