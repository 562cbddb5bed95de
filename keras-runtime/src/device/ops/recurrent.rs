//! Cells that go through time: the projections of all steps, the steps, and the way back.

use keras_kernels::activation::Saves;
use keras_kernels::recurrent::{Cell, Given, Output, Recurrent, Saved, Weights, scalar};

use super::activation::{arguments, code};
use super::dense::{columns, kernel, put};
use super::dropout::Stream;
use super::gather;
use super::gemm::{Part, multiply};
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::device::product::Transposed;
use crate::device::reference::Memory;
use crate::model::graph::OpKind;

/// What a block of the steps' kernels can have of shared memory, in floats.
const SHARED: usize = 48 * 1024 / 4;

/// Rows of the batch that a block has, at the most: each number of U that it reads serves all of them.
const TOGETHER: usize = 4;

/// How many rows a block has that keeps so many floats of each; 0 if it has no room for one.
fn rows_of_block(floats: usize) -> usize {
    [TOGETHER, 2, 1].into_iter().find(|rows| rows * floats <= SHARED).unwrap_or(0)
}

/// Rows of a block forward and backward: there are h before and after a step, c, and r·h; and on the way back the gradients of the
/// states and of all gates.
fn rows(l: &Recurrent) -> [usize; 2] {
    let reset_before = usize::from(l.cell == Cell::Gru { reset_after: false });
    let states = l.cell.states();
    [l.units * (1 + states + reset_before), l.units * (states + l.cell.gates())].map(rows_of_block)
}

/// Whether blocks have room for the states.
pub(super) fn fits(l: &Recurrent) -> bool {
    rows(l)[1] > 0
}

/// The layer as kernels have it.
pub(super) fn sizes(l: &Recurrent) -> String {
    let cell = match l.cell {
        Cell::Simple => "SIMPLE_RNN",
        Cell::Lstm => "LSTM",
        Cell::Gru { reset_after: true } => "GRU",
        Cell::Gru { reset_after: false } => "GRU_RESET_BEFORE",
    };
    let comes = match l.output {
        Output::Last => "LAST",
        Output::Sequence => "SEQUENCE",
        Output::InTime => "IN_TIME",
    };
    let [act, gate] = [l.act, l.recurrent_act].map(code);
    let [keeps, gate_keeps] = [l.act, l.recurrent_act].map(|act| act.saves() == Saves::Input);
    let Recurrent { steps, units, backwards, states, zero_masked, dropout, .. } = *l;
    format!(
        "Layer<{cell}, {steps}, {units}, {act}, {gate}, {keeps}, {gate_keeps}, {backwards}, {comes}, {states}, {zero_masked}, \
         {dropout}>"
    )
}

/// A layer at its place: its inputs, weights, and what it keeps.
#[derive(Clone, Copy)]
struct At {
    l: Recurrent,
    samples: usize,
    x: Span,
    /// The initial h, the initial c, and the mask, if they are given.
    given: [Option<Span>; 3],
    /// Which inputs they are.
    inputs: [Option<usize>; 3],
    kernel: Span,
    recurrent: Span,
    bias: Option<Span>,
    gates: Span,
    a: Span,
    aux: Option<Span>,
    pre: Option<Span>,
    h: Option<Span>,
    drop: Option<Span>,
}

/// Numbers of it.
struct Found {
    given: [Option<Vec<f32>>; 3],
    kernel: Vec<f32>,
    recurrent: Vec<f32>,
    bias: Option<Vec<f32>>,
    gates: Vec<f32>,
    a: Vec<f32>,
    aux: Vec<f32>,
    pre: Vec<f32>,
    h: Vec<f32>,
    drop: Vec<f32>,
    state: Vec<f32>,
    sums: Vec<f32>,
    work: Vec<f32>,
}

/// Which inputs the initial h, the initial c and the mask are.
pub(super) fn inputs(given: [bool; 3]) -> [Option<usize>; 3] {
    let mut next = 0;
    given.map(|given| {
        next += usize::from(given);
        given.then_some(next)
    })
}

impl At {
    fn new(site: &mut Site<'_, '_>, l: Recurrent, given: [bool; 3]) -> At {
        let inputs = inputs(given);
        let samples = site.b.rows;
        let mut own = |i, len: usize| (len > 0).then(|| site.own(i, samples * len));
        let [aux, pre, h, drop] = [l.aux_len(), l.pre_len(), l.h_len(), l.drop_len()];
        let [aux, pre, h, drop] = [own(2, aux), own(3, pre), own(4, h), own(5, drop)];
        let (gates, a) = (site.own(0, samples * l.gates_len()), site.own(1, samples * l.a_len()));
        let given = inputs.map(|input| input.map(|input| site.x(input)));
        let (kernel, recurrent, bias) = (site.w(0), site.w(1), site.w_if(2));
        At { l, samples, x: site.x(0), given, inputs, kernel, recurrent, bias, gates, a, aux, pre, h, drop }
    }

    /// The bias of the projections, and that of the products with U.
    fn biases(&self) -> [Option<Span>; 2] {
        let half = |i: usize| self.bias.map(|b| Span { at: b.at + i * self.l.n(), len: self.l.n(), ..b });
        [half(0), if self.l.cell == (Cell::Gru { reset_after: true }) { half(1) } else { None }]
    }

    /// What it finds in memory. The forward pass has nothing yet of what it writes but the projections.
    fn find(&self, memory: &Memory, forward: bool) -> Found {
        let (l, samples) = (&self.l, self.samples);
        let kept = |span: Option<Span>| match span {
            Some(span) if forward => vec![0.0; span.len],
            span => memory.f32_if(span).unwrap_or_default(),
        };
        let zeros = |len: usize| vec![0.0; samples * len];
        Found {
            given: self.given.map(|given| memory.f32_if(given)),
            kernel: memory.f32(self.kernel),
            recurrent: memory.f32(self.recurrent),
            bias: memory.f32_if(self.bias),
            gates: memory.f32(self.gates),
            a: kept(Some(self.a)),
            aux: kept(self.aux),
            pre: kept(self.pre),
            h: kept(self.h),
            drop: memory.f32_if(self.drop).unwrap_or_default(),
            state: zeros(l.state_len()),
            sums: zeros(l.sums_len()),
            work: zeros(l.work_len()),
        }
    }

    /// The steps' kernels end with the numbers of both activations.
    fn activations(&self, launch: Launch) -> Launch {
        arguments(arguments(launch, self.l.act), self.l.recurrent_act)
    }

    /// A launch of one of the steps' kernels.
    fn steps(&self, name: &'static str, rows: usize) -> Launch {
        let threads = self.l.units.next_multiple_of(32).min(256);
        Launch::new("recurrent", name)
            .grid([self.samples.div_ceil(rows), 1, 1], threads as u32)
            .of([sizes(&self.l), rows.to_string()])
    }
}

impl Found {
    /// Does something with the weights, with what is given, and with what the forward pass keeps.
    fn with<T>(&mut self, what: impl FnOnce(Weights<'_, f32>, Given<'_, f32>, &mut Saved<'_, f32>) -> T) -> T {
        let Found { given: [h0, c0, mask], kernel, recurrent, bias, gates, a, aux, pre, h, drop, state, sums, work } =
            self;
        let weights = Weights { kernel, recurrent, bias: bias.as_deref() };
        let given = Given { h: h0.as_deref(), c: c0.as_deref(), mask: mask.as_deref() };
        what(weights, given, &mut Saved { gates, a, aux, pre, h, drop, state, sums, work })
    }
}

/// The masks of the dropout of h, if there is one: 1 everywhere unless this is training.
pub(super) fn draw(site: &mut Site<'_, '_>, drop: Option<Span>, rate: f32, stream: Stream) {
    let Some(drop) = drop else { return };
    let rate = if site.b.training { rate } else { 0.0 };
    site.launch(Chain::giving(drop, false, |chain| {
        let (one, stream) = (chain.step(Step::One), chain.stream(stream));
        chain.step(Step::Drop(rate, one, stream))
    }));
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Recurrent { layer: l, given, rate, stream, seed } = site.kind() else { return };
    let at = At::new(site, l, given);
    let (m, n) = (at.samples * l.steps, l.n());
    let stream = Stream::new(site, seed, stream);
    draw(site, at.drop, rate, stream);
    let [input, recurrent] = at.biases();
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let (c, w) = (Part { span: at.gates, at: col, line: n }, Part { span: at.kernel, at: col, line: n });
        let x = Part { span: at.x, at: part * l.k, line: l.inputs * l.k };
        let bias = input.map(|b| Span { at: b.at + col, len: cols, ..b });
        site.launch(multiply(site.b, (c, false), [x, w], Transposed::Neither, bias, [m, cols, l.k]));
    }
    let (y, [h0, c0, mask]) = (site.y(), at.given);
    let launch = at.steps("recurrent_forward", rows(&l)[0]).out(y).out(at.gates).out(at.a);
    let launch =
        [at.aux, at.pre, at.h].into_iter().fold(launch, Launch::out_if).reads_if(h0).reads_if(c0).reads_if(mask);
    let launch = launch.reads(at.recurrent).reads_if(recurrent).reads_if(at.drop).int(at.samples);
    site.launch(at.activations(launch).means(move |memory| {
        let mut found = at.find(memory, true);
        found.with(|w, given, saved| scalar::steps(&l, memory.f32_mut(y), given, w, saved));
        memory.f32_mut(at.gates).copy_from_slice(&found.gates);
        memory.f32_mut(at.a).copy_from_slice(&found.a);
        for (to, from) in [(at.aux, found.aux), (at.pre, found.pre), (at.h, found.h)] {
            if let Some(to) = to {
                memory.f32_mut(to).copy_from_slice(&from);
            }
        }
    }));
}

/// The way back through the steps. It leaves the gradients of the projections in the place of the gates.
fn back(site: &mut Site<'_, '_>, at: At) {
    let (l, dy) = (at.l, site.dy());
    let (units, n) = (l.units, l.n());
    let transposed = site.own(6, units * n);
    site.launch(gather::transpose(transposed, at.recurrent, [units, n], false).means(move |memory| {
        let from = memory.f32(at.recurrent);
        for (i, to) in memory.f32_mut(transposed).iter_mut().enumerate() {
            *to = from[i % units * n + i / units];
        }
    }));
    let [h, c, mask] = at.inputs;
    let states = [h, c].map(|input| input.and_then(|input| site.dx(input)));
    let launch = at.steps("recurrent_backward", rows(&l)[1]).out(at.gates);
    let launch = [at.aux, states[0].map(|to| to.0), states[1].map(|to| to.0)].into_iter().fold(launch, Launch::out_if);
    let launch = launch.reads(dy).reads(at.a).reads_if(at.pre).reads_if(at.h).reads_if(mask.map(|mask| site.x(mask)));
    let launch = launch.reads(transposed).reads_if(at.drop).int(at.samples);
    let acc = |to: Option<(Span, bool)>| usize::from(to.is_some_and(|(_, acc)| acc));
    let launch = launch.int(acc(states[0])).int(acc(states[1]));
    site.launch(at.activations(launch).means(move |memory| {
        let (mut found, dy) = (at.find(memory, false), memory.f32(dy));
        found.with(|w, given, saved| scalar::backward(&l, &dy, given.mask, w, saved));
        memory.f32_mut(at.gates).copy_from_slice(&found.gates);
        if let Some(aux) = at.aux {
            memory.f32_mut(aux).copy_from_slice(&found.aux);
        }
        for (i, to) in states.into_iter().enumerate() {
            let Some((to, acc)) = to else { continue };
            let state = found.state.chunks_exact(l.state_len());
            for (to, state) in memory.f32_mut(to).chunks_exact_mut(units).zip(state) {
                put(to, &state[i * units..][..units], acc);
            }
        }
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Recurrent { layer: l, given, .. } = site.kind() else { return };
    let at = At::new(site, l, given);
    let (m, n, k) = (at.samples * l.steps, l.n(), l.k);
    back(site, at);
    let gates = |col| Part { span: at.gates, at: col, line: n };
    let x = |part| Part { span: at.x, at: part * k, line: l.inputs * k };
    if let Some((dx, acc)) = site.dx(0) {
        for part in 0..l.inputs {
            let (col, cols) = l.projected(part);
            let (dx, w) = (Part { span: dx, ..x(part) }, Part { span: at.kernel, at: col, line: n });
            site.launch(multiply(site.b, (dx, acc), [gates(col), w], Transposed::Second, None, [m, k, cols]));
        }
    }
    let dw = site.dw(0);
    if let Some(dw) = dw
        && l.inputs == 1
    {
        kernel(site, dw, [at.x, at.gates], [m, k, n]);
    } else if let Some((dw, acc)) = dw {
        for part in 0..l.inputs {
            let (col, cols) = l.projected(part);
            let dw = (Part { span: dw, at: col, line: n }, acc);
            site.launch(multiply(site.b, dw, [x(part), gates(col)], Transposed::First, None, [k, cols, m]));
        }
    }
    // The gradients of the products with U are those of the projections, unless the reset gate comes behind the products.
    let after = l.cell == Cell::Gru { reset_after: true };
    let products = if after { at.aux.unwrap_or(at.gates) } else { at.gates };
    let du = site.dw(1);
    if let Some(du) = du
        && l.parts() == 1
    {
        kernel(site, du, [at.a, products], [m, l.units, n]);
    } else if let Some((du, acc)) = du {
        for part in 0..l.parts() {
            let (col, cols) = l.columns(part);
            let du = (Part { span: du, at: col, line: n }, acc);
            let a = Part { span: at.a, at: part * l.units, line: l.parts() * l.units };
            let d = Part { span: products, at: col, line: n };
            site.launch(multiply(site.b, du, [a, d], Transposed::First, None, [l.units, cols, m]));
        }
    }
    if let Some((db, acc)) = site.dw(2) {
        for (i, d) in [at.gates, products].into_iter().enumerate().take(1 + usize::from(after)) {
            columns(site, (Span { at: db.at + i * n, len: n, ..db }, acc), d, m, n);
        }
    }
}
