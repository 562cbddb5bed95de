//! The programs of a model: a training step, and a step of evaluation.

use super::builder::{Builder, Frame, Place, len};
use super::goal::{Goal, Sums};
use super::launch::{Arg, Launch};
use super::math::Products;
use super::memory::{Data, Elem, Now, Region, Span};
use super::program::Program;
use super::update::{self, Update};
use super::{constraint, objectives};
use crate::model::Graph;
use crate::model::graph::Input;
use crate::training::positions;

/// What a program is made of besides the graph.
pub(crate) struct Parts<'a> {
    /// Rows of a batch.
    pub(crate) rows: usize,
    /// The data that rows are gathered from.
    pub(crate) data: Data,
    /// How many rows these have.
    pub(crate) of: usize,
    pub(crate) seed: u64,
    pub(crate) products: Products,
    pub(crate) frozen: &'a [bool],
    /// Losses and metrics.
    pub(crate) goals: &'a [Goal],
    /// Whether samples have weights.
    pub(crate) weighted: bool,
    /// How weights are updated, if they are, and how many pieces there are.
    pub(crate) update: Option<(&'a Update, usize)>,
}

/// The program of a batch.
pub(crate) fn build(graph: &'static Graph, parts: &Parts<'_>) -> Program {
    let Parts { rows, data, of, seed, products, frozen, goals, weighted, update } = *parts;
    let mut builder = Builder::new(rows, update.is_some(), frozen, products);
    let b = &mut builder;
    b.scaled = update.is_some_and(|(update, _)| update.loss_scale.is_some());
    b.weigh(graph);
    let inputs = inputs(b, graph, data, of);
    let mut frame = Frame::new(b, graph, seed, Place::OUTERMOST, &inputs, &[]);
    penalties(b, &frame);
    frame.forward(b);
    let weights = weighted.then(|| gather_floats(b, Region::SampleWeight(data), 1, of));
    let sums = Sums::new(goals);
    let mut first = 0;
    for (i, goal) in goals.iter().enumerate() {
        let (n, positions) = positions(graph, graph.outputs[i].value);
        let targets = match goal.classes {
            true => {
                let to = Region::Label(i).span(0, rows * positions);
                gather(b, to, Region::Class(data, i), positions, of)
            }
            false => gather_floats(b, Region::Target(data, i), n * positions, of),
        };
        objectives::output(b, &mut frame, (i, goal), targets, weights, (sums, first));
        first += goal.metrics.len();
    }
    objectives::activities(b, &mut frame);
    if let Some((update, pieces)) = update {
        backward(b, &mut frame);
        update::launch(b, update, update::weights(graph), pieces);
        constraint::launch(b, graph);
    }
    // State may be set anew by random numbers of this step.
    b.settle();
    advance(b, update.is_some());
    builder.finish()
}

/// The program that predicts a batch, of data of so many rows. Its outputs go to their places of [`Region::Output`], which has room for
/// so many rows: those of a turn, which begins at a multiple of `turn` rows of the order.
pub(crate) fn predictions(
    graph: &'static Graph,
    rows: usize,
    [of, places, turn]: [usize; 3],
    seed: u64,
    frozen: &[bool],
    products: Products,
) -> Program {
    let mut builder = Builder::new(rows, false, frozen, products);
    let b = &mut builder;
    b.weigh(graph);
    let inputs = inputs(b, graph, Data::Asked, of);
    let mut frame = Frame::new(b, graph, seed, Place::OUTERMOST, &inputs, &[]);
    frame.forward(b);
    for (i, output) in graph.outputs.iter().enumerate() {
        let len = len(graph.values[output.value].shape);
        let (from, to) = (frame.value(output.value), Region::Output(i).span(0, places * len));
        let now = Region::Now.span(0, Now::LEN);
        let launch = Launch::new("gather_rows", "put_rows").over(rows * len).of([len]);
        let launch = launch.out(to).reads(from).reads(now).int(rows).arg(Arg::Word(turn as u32));
        b.launch(launch.means(move |memory| {
            let first = memory.u32(Region::Now.span(Now::ORDER, 1))[0] as usize % turn;
            let from = memory.f32(from);
            memory.f32_mut(to.region.span(first * len, rows * len)).copy_from_slice(&from);
        }));
    }
    advance(b, false);
    builder.finish()
}

/// The backward pass, and the gradients of penalties on weights.
pub(super) fn backward(b: &mut Builder<'_>, frame: &mut Frame) {
    frame.backward(b);
    for (i, param) in frame.graph.params.iter().enumerate() {
        if let Some(p) = param.regularizer
            && !b.frozen[i]
        {
            let acc = std::mem::replace(&mut b.written[i], true);
            let (d, w) = (frame.param(Region::Grads, i), frame.param(Region::Weights, i));
            objectives::penalty_gradient(b, (d, acc), w, p, 1.0);
        }
    }
}

/// The penalties on weights that are trained.
fn penalties(b: &mut Builder<'_>, frame: &Frame) {
    for (i, param) in frame.graph.params.iter().enumerate() {
        if let Some(p) = param.regularizer
            && !b.frozen[i]
        {
            objectives::penalize(b, frame.param(Region::Weights, i), p, 1.0);
        }
    }
}

/// The rows of the batch of each input, of data of so many rows.
pub(super) fn inputs(b: &mut Builder<'_>, graph: &Graph, data: Data, of: usize) -> Vec<Span> {
    let input = |(i, input): (usize, &Input)| gather_floats(b, Region::Input(data, i), len(input.shape), of);
    graph.inputs.iter().enumerate().map(input).collect()
}

/// The rows of the batch in a new buffer.
pub(super) fn gather_floats(b: &mut Builder<'_>, from: Region, len: usize, of: usize) -> Span {
    let to = b.buffer(b.rows * len);
    gather(b, to, from, len, of)
}

/// The rows of the batch, of data of so many rows.
fn gather(b: &mut Builder<'_>, to: Span, from: Region, len: usize, of: usize) -> Span {
    let rows = b.rows;
    let (order, now) = (Region::Order.span(0, rows), Region::Now.span(0, Now::LEN));
    let from = from.span(0, of * len);
    let launch = Launch::new("gather_rows", "gather_rows")
        .over(rows * len)
        .of([from.region.elem().name()])
        .of([len.to_string()]);
    let launch = launch.out(to).reads(from).reads(order).reads(now).int(rows);
    b.launch(launch.means(move |memory| {
        let first = memory.u32(Region::Now.span(Now::ORDER, 1))[0] as usize;
        let order = memory.u32(Region::Order.span(first, rows)).to_vec();
        for (i, row) in order.into_iter().enumerate() {
            let from = from.region.span(row as usize * len, len);
            let to = Span { at: to.at + i * len, len, ..to };
            if from.region.elem() == Elem::U32 {
                let row = memory.u32(from).to_vec();
                memory.u32_mut(to).copy_from_slice(&row);
            } else {
                let row = memory.f32(from);
                memory.f32_mut(to).copy_from_slice(&row);
            }
        }
    }));
    to
}

/// The end of a step: the next one finds its rows and its numbers, and the logs have its loss.
fn advance(b: &mut Builder<'_>, training: bool) {
    let rows = b.rows;
    let (now, sums) = (Region::Now.span(0, Now::LEN), Region::Sums.span(0, Sums::LOSS + 1));
    let launch = Launch::new("advance", "advance").grid([1; 3], 1).of([training]);
    b.launch(launch.out(now).out(sums).int(rows).means(move |memory| {
        let now = memory.u32_mut(now);
        now[Now::ORDER] += rows as u32;
        if training {
            now[Now::CONTROL] += 1 - now[Now::LEFT_OUT];
            let (low, carry) = now[Now::STEP].overflowing_add(1);
            (now[Now::STEP], now[Now::STEP + 1]) = (low, now[Now::STEP + 1] + u32::from(carry));
        }
        let sums = memory.f64_mut(sums);
        sums[Sums::ROWS] += rows as f64;
        sums[Sums::LOSS] += sums[Sums::STEP] * rows as f64;
        sums[Sums::STEP] = 0.0;
    }));
}
