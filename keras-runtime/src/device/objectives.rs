//! Launches of losses, metrics and penalties.

use keras_kernels::{Isa, penalty};

use super::builder::{Builder, Frame};
use super::goal::{Goal, Score, Sums};
use super::launch::{Arg, Launch, THREADS};
use super::loss_scale::{self, SCALE};
use super::memory::{Region, Span};
use super::ops::softmax::rows as warps;
use super::ops::spectral::parts as in_parts;
use super::reference::Memory;
use crate::loss::{Predictions, Reduction};
use crate::metric::{AnyMetric, Mean};
use crate::model::graph::{Head, Op, OpKind, Penalty};
use crate::target::Targets;
use crate::training::positions;

/// An output of a batch, and what it should have been.
#[derive(Clone, Copy)]
struct Output {
    /// Length of a position.
    n: usize,
    /// How many positions a row has, and how many there are in all.
    positions: usize,
    count: usize,
    head: Head,
    y: Span,
    logits: Span,
    targets: Span,
}

impl Output {
    /// The values that a formula is given.
    fn with<R>(&self, memory: &Memory, formula: impl FnOnce(Predictions<'_>) -> R) -> R {
        let (y, logits) = (memory.f32(self.y), memory.f32(self.logits));
        let (dense, classes);
        let targets = if self.is_classes() {
            classes = memory.u32(self.targets).to_vec();
            Targets::Classes(&classes)
        } else {
            dense = memory.f32(self.targets);
            Targets::Dense(&dense)
        };
        formula(Predictions { isa: Isa::SCALAR, n: self.n, head: self.head, y: &y, logits: &logits, targets })
    }

    fn is_classes(&self) -> bool {
        self.targets.region.elem() == super::memory::Elem::U32
    }

    /// The constants of a kernel of a score.
    fn constants(&self, score: Score) -> [String; 4] {
        let from = match self.head {
            _ if score.from_logits => "LOGITS",
            Head::Softmax => "SOFTMAX",
            Head::Sigmoid => "SIGMOID",
            Head::Linear => "VALUES",
        };
        [score.word.into(), from.into(), self.n.to_string(), self.is_classes().to_string()]
    }

    /// The arguments of a kernel of a score.
    fn arguments(&self, launch: Launch, score: Score) -> Launch {
        let launch = launch.reads(self.y).reads(self.logits).reads(self.targets);
        launch.float(score.number).arg(Arg::Int(score.ignored.map_or(-1, |class| class as i32))).int(self.count)
    }
}

/// Launches of the loss of output `i` and of its metrics; with `grads` the gradient of the output too, or that of the logits
/// where the loss is fused with the head. Metrics are numbered from `first` on.
pub(super) fn output(
    b: &mut Builder<'_>,
    frame: &mut Frame,
    (i, goal): (usize, &Goal),
    targets: Span,
    weights: Option<Span>,
    (sums, first): (Sums, usize),
) {
    let of = &frame.graph.outputs[i];
    let (n, positions) = positions(frame.graph, of.value);
    let y = frame.value(of.value);
    let logits = if of.head == Head::Linear { y } else { frame.value(of.logits) };
    let out = Output { n, positions, count: b.rows * positions, head: of.head, y, logits, targets };
    let mask = of.mask.map(|mask| frame.value(mask));
    let share = shares(b, out, goal, weights, mask);

    let losses = b.buffer(out.count);
    let fused = goal.loss.formula().fuses(of.head);
    let grad = b.gradients.then(|| frame.grad_mut(b, if fused { of.logits } else { of.value }));
    // The gradient alone is of a scaled loss.
    let of_grad = match grad {
        Some(_) if b.scaled => Share { share: Ok(loss_scale::share(b, share.share)), ..share },
        _ => share,
    };
    loss(b, out, goal, of_grad, losses, grad);
    total(b, out, goal, share, losses, sums.output(i));
    for (j, (metric, weighted)) in goal.metrics.iter().enumerate() {
        let weights = if *weighted { share.of_positions } else { mask };
        self::metric(b, out, metric, weights, sums.metric(first + j));
    }
}

/// What positions count in a loss.
#[derive(Clone, Copy)]
struct Share {
    /// The weight of each; 1 without it.
    of_positions: Option<Span>,
    /// 1 over what the sum is divided by: one number on the device, or one that is known.
    share: Result<Span, f32>,
}

/// Launches what finds out what positions count.
fn shares(b: &mut Builder<'_>, out: Output, goal: &Goal, weights: Option<Span>, mask: Option<Span>) -> Share {
    let Output { positions, count, targets, .. } = out;
    let ignored = goal.loss.formula().ignored_class();
    if weights.is_none() && mask.is_none() && ignored.is_none() {
        return Share { of_positions: None, share: Err(goal.reduction.scale(count, count as f64) as f32) };
    }
    let of_positions = (weights.is_some() || mask.is_some()).then(|| b.buffer(count));
    let share = b.buffer(1);
    let reduction = goal.reduction;
    let word = match reduction {
        Reduction::SumOverBatchSize => "SUM_OVER_BATCH_SIZE",
        Reduction::Sum => "SUM",
        Reduction::MeanWithSampleWeight => "MEAN_WITH_SAMPLE_WEIGHT",
    };
    let launch = Launch::new("score", "shares").of([word]).out(share).arg(of_positions.map_or(Arg::Null, Arg::Out));
    let launch = launch.reads_if(weights).reads_if(mask).reads_if(ignored.map(|_| targets));
    let launch = launch.arg(Arg::Word(ignored.unwrap_or(0))).int(positions).int(count);
    b.launch(launch.means(move |memory| {
        let (weights, mask) = (memory.f32_if(weights), memory.f32_if(mask));
        let counts: Vec<bool> = match ignored {
            Some(ignored) => memory.u32(targets).iter().map(|class| *class != ignored).collect(),
            None => vec![true; count],
        };
        let masked = |p: usize| mask.as_ref().map_or(1.0, |mask| mask[p]);
        let all: Vec<f32> =
            (0..count).map(|p| weights.as_ref().map_or(1.0, |w| w[p / positions]) * masked(p)).collect();
        let valid = (0..count).filter(|&p| counts[p] && masked(p) != 0.0).count();
        let weight: f64 = (0..count).filter(|&p| counts[p]).map(|p| f64::from(all[p])).sum();
        let weight = if of_positions.is_some() { weight } else { valid as f64 };
        memory.f32_mut(share)[0] = reduction.scale(valid, weight) as f32;
        if let Some(of_positions) = of_positions {
            memory.f32_mut(of_positions).copy_from_slice(&all);
        }
    }));
    Share { of_positions, share: Ok(share) }
}

impl Share {
    /// The arguments of a kernel: weights, the share or nothing, and the share if it is known.
    fn arguments(self, launch: Launch, factor: f32) -> Launch {
        let launch = launch.reads_if(self.of_positions).reads_if(self.share.ok());
        launch.float(self.share.err().unwrap_or(1.0)).float(factor)
    }

    fn of(self, memory: &Memory) -> f32 {
        self.share.map_or_else(|known| known, |share| memory.f32(share)[0])
    }
}

/// The loss of each position, and its gradient if that is given.
fn loss(b: &mut Builder<'_>, out: Output, goal: &Goal, share: Share, losses: Span, grad: Option<(Span, bool)>) {
    let (loss, factor) = (goal.loss.clone(), goal.factor);
    let score = loss.formula().score();
    let acc = grad.is_some_and(|(_, acc)| acc);
    let launch = warps("score", "loss", out.count).of(out.constants(score)).of([acc]).out(losses);
    let launch = out.arguments(launch.arg(grad.map_or(Arg::Null, |(grad, _)| Arg::Out(grad))), score);
    b.launch(share.arguments(launch, factor).means(move |memory| {
        let weights = memory.f32_if(share.of_positions).unwrap_or_else(|| vec![1.0; out.count]);
        let of = factor * share.of(memory);
        let scale: Vec<f32> = weights.iter().map(|weight| of * weight).collect();
        let (mut each, mut d) = (vec![0.0; out.count], grad.map(|(grad, _)| vec![0.0; grad.len]));
        out.with(memory, |p| loss.formula().evaluate(p, &scale, &mut each, d.as_deref_mut()));
        memory.f32_mut(losses).copy_from_slice(&each);
        if let (Some((grad, acc)), Some(d)) = (grad, d) {
            super::ops::put(memory.f32_mut(grad), &d, acc);
        }
    }));
}

/// Adds the losses of all positions up, for the step and for the logs.
fn total(b: &mut Builder<'_>, out: Output, goal: &Goal, share: Share, losses: Span, sum: usize) {
    let (factor, rows) = (goal.factor, b.rows);
    let (step, sum) = (Region::Sums.span(Sums::STEP, 1), Region::Sums.span(sum, 1));
    let launch = Launch::new("score", "loss_total").out(step).out(sum).reads(losses).int(out.count).int(rows);
    b.launch(share.arguments(launch, factor).means(move |memory| {
        let weights = memory.f32_if(share.of_positions);
        let weight = |p: usize| weights.as_ref().map_or(1.0, |weights| weights[p]);
        let total: f64 = memory.f32(losses).iter().enumerate().map(|(p, l)| f64::from(l * weight(p))).sum();
        let loss = total * f64::from(share.of(memory));
        memory.f64_mut(step)[0] += f64::from(factor) * loss;
        memory.f64_mut(sum)[0] += loss * rows as f64;
    }));
}

/// A metric takes all positions into account.
fn metric(b: &mut Builder<'_>, out: Output, metric: &AnyMetric, weights: Option<Span>, sum: usize) {
    let (metric, sums) = (metric.clone(), Region::Sums.span(sum, 2));
    let score = metric.measure().score();
    let figures = b.buffer(out.count);
    let launch = warps("score", "metric", out.count).of(out.constants(score)).out(figures);
    b.launch(out.arguments(launch, score).means(move |memory| {
        let mut metric = metric.clone();
        let each: Vec<f32> = out.with(memory, |p| {
            let figure = |i| {
                *metric.measure_mut().mean_mut() = Mean::default();
                metric.measure_mut().update(p.slice(i..i + 1), None);
                metric.measure().mean().parts().0 as f32
            };
            (0..out.count).map(figure).collect()
        });
        memory.f32_mut(figures).copy_from_slice(&each);
    }));
    let launch = Launch::new("score", "metric_total").out(sums).reads(figures).int(out.count).reads_if(weights);
    b.launch(launch.means(move |memory| {
        let (figures, weights) = (memory.f32(figures), memory.f32_if(weights));
        let mut mean = Mean::default();
        for (i, figure) in figures.into_iter().enumerate() {
            mean.add(figure.into(), weights.as_ref().map_or(1.0, |weights| weights[i].into()));
        }
        let (total, weight) = mean.parts();
        let sums = memory.f64_mut(sums);
        sums[0] += total;
        sums[1] += weight;
    }));
}

/// The last arguments of a penalty's kernels: its two factors, and what it is multiplied by.
fn penalty_arguments(launch: Launch, p: Penalty, factor: f32) -> Launch {
    launch.float(p.l1).float(p.l2).float(factor)
}

/// Adds a penalty on some numbers, times a factor, to the loss of the step: in parts, if the numbers are many.
pub(super) fn penalize(b: &mut Builder<'_>, x: Span, p: Penalty, factor: f32) {
    let step = Region::Sums.span(Sums::STEP, 1);
    let (part, count) = in_parts(x.len);
    if count > 1 {
        let parts = b.buffer(count);
        let launch = Launch::new("penalty", "penalty_parts").grid([count, 1, 1], THREADS).out(parts).reads(x);
        b.launch(launch.int(part).int(x.len).float(p.l1).float(p.l2).means(move |memory| {
            let values: Vec<f32> = memory.f32(x).chunks(part).map(|x| penalty::scalar::value(x, p)).collect();
            memory.f32_mut(parts).copy_from_slice(&values);
        }));
        let launch = Launch::new("penalty", "penalty_total").out(step).reads(parts).int(count).float(factor);
        b.launch(launch.means(move |memory| {
            let value: f64 = memory.f32(parts).into_iter().map(f64::from).sum();
            memory.f64_mut(step)[0] += value * f64::from(factor);
        }));
        return;
    }
    let launch = Launch::new("penalty", "penalty_value").out(step).reads(x).int(x.len);
    b.launch(penalty_arguments(launch, p, factor).means(move |memory| {
        let value = penalty::scalar::value(&memory.f32(x), p);
        memory.f64_mut(step)[0] += f64::from(value) * f64::from(factor);
    }));
}

/// The gradient of a penalty, times a factor, and scaled as the loss is.
pub(super) fn penalty_gradient(b: &mut Builder<'_>, (d, acc): (Span, bool), x: Span, p: Penalty, factor: f32) {
    let scale = b.scaled.then_some(SCALE);
    let launch = Launch::new("penalty", "penalty_backward").over(x.len).of([acc]).out(d).reads(x);
    b.launch(penalty_arguments(launch.reads_if(scale).int(x.len), p, factor).means(move |memory| {
        let factor = factor * scale.map_or(1.0, |scale| memory.f32(scale)[0]);
        let x = memory.f32(x);
        let mut slopes = vec![0.0; x.len()];
        penalty::scalar::activity_backward(&mut slopes, &x, p, factor);
        super::ops::put(memory.f32_mut(d), &slopes, acc);
    }));
}

/// Penalties on activities of a graph, and of the models in it.
pub(super) fn activities(b: &mut Builder<'_>, frame: &mut Frame) {
    let factor = 1.0 / b.rows as f32;
    for &(value, p) in frame.graph.activity {
        let x = frame.value(value);
        penalize(b, x, p, factor);
        if b.gradients && frame.wanted[frame.graph.root(value)] {
            let d = frame.grad_mut(b, value);
            penalty_gradient(b, d, x, p, factor);
        }
    }
    let is_nested = |op: &Op| matches!(op.kind, OpKind::Nested { .. });
    let nested: Vec<usize> = (0..frame.graph.ops.len()).filter(|&i| is_nested(&frame.graph.ops[i])).collect();
    for op in nested {
        if let Some(within) = frame.within_mut(op) {
            activities(b, within);
        }
    }
}
