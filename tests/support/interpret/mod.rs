//! The graph of a model in f64, by the scalar kernels: the oracle for generated code, itself checked by finite
//! differences.

use keras::__private::graph::{Graph, Op, OpKind};
use keras::__private::kernels::dropout::Key;
use keras::__private::kernels::shaped_dropout::{Dim, Mask};
use keras::__private::kernels::{
    activation, dense, dropout, glu, log_softmax, noise, penalty, prelu, shaped_dropout, softmax, sparsemax,
    unit_normalization,
};

use super::numbers;

mod attention;
mod conv_recurrent;
mod convolution;
mod einsum;
mod moving;
mod normalization;
mod recurrent;
mod rounding;
mod sequence;
mod spectral;
mod ternary;

/// One call of an op.
pub(crate) struct Call<'a> {
    pub(crate) kind: OpKind,
    /// Its inputs, over the whole batch.
    pub(crate) x: Vec<&'a [f64]>,
    /// Its params.
    #[allow(dead_code, reason = "not every family has params")]
    pub(crate) w: Vec<&'a [f64]>,
    /// Rows of the batch.
    #[allow(dead_code, reason = "not every family asks for it")]
    pub(crate) n: usize,
    /// What random ops draw from, and whether this is training.
    #[allow(dead_code, reason = "not every family draws")]
    pub(crate) random: Random,
    /// Whether the layer is trained.
    #[allow(dead_code, reason = "not every family asks for it")]
    pub(crate) trainable: bool,
}

/// Ops that belong together, in a file of their own. Both functions say whether the op is one of theirs.
struct Family {
    /// Writes the output.
    forward: fn(&Call<'_>, &mut [f64]) -> bool,
    /// Adds the gradients of the inputs and of the params, given the output and its gradient.
    backward: Backward,
}

type Backward = fn(&Call<'_>, &[f64], &[f64], &mut [Vec<f64>], &mut [Vec<f64>]) -> bool;

const FAMILIES: [Family; 11] = [
    attention::FAMILY,
    conv_recurrent::FAMILY,
    convolution::FAMILY,
    einsum::FAMILY,
    moving::FAMILY,
    normalization::FAMILY,
    recurrent::FAMILY,
    rounding::FAMILY,
    sequence::FAMILY,
    spectral::FAMILY,
    ternary::FAMILY,
];

/// What random layers draw from.
#[derive(Clone, Copy)]
pub(crate) struct Random {
    pub(crate) training: bool,
    pub(crate) seed: u64,
    pub(crate) step: u64,
    /// Whether the model is part of one that does not train it.
    pub(crate) frozen: bool,
    /// Whether layers round as their policies want.
    pub(crate) rounds: bool,
}

impl Random {
    fn key(self, seed: Option<u64>, stream: u32) -> Key {
        Key { seed: seed.unwrap_or(self.seed), step: self.step, stream }
    }
}

fn mask(rate: f32, alpha: bool, by_sample: bool, dims: &'static [Dim]) -> Mask<'static> {
    if alpha { Mask::alpha(rate, by_sample, dims) } else { Mask::inverted(rate, by_sample, dims) }
}

/// The results of a forward and a backward pass.
pub(crate) struct Interpreted {
    pub(crate) outputs: Vec<Vec<f64>>,
    /// Σ y·dy and all regularization losses.
    pub(crate) loss: f64,
    /// The regularization losses.
    pub(crate) penalties: f64,
    pub(crate) grads: Vec<f64>,
    pub(crate) input_grads: Vec<Vec<f64>>,
    /// What the rows carry to the next batch.
    pub(crate) carried: Vec<f64>,
    /// How far the numbers that were rounded are from where they would be rounded otherwise: see [`rounding`].
    pub(crate) margin: f64,
}

/// What the rows of a batch before have left for `n` rows of this one, the same in every run.
pub(crate) fn carried(graph: &Graph, n: usize) -> Vec<f64> {
    numbers(91, n * graph.carried, 0.5)
}

fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Runs the graph on `n` rows. The loss is Σ y·dy plus all penalties.
pub(crate) fn run(graph: &Graph, w: &[f64], x: &[Vec<f64>], dy: &[Vec<f64>], n: usize, random: Random) -> Interpreted {
    let begin = carried(graph, n);
    let mut carried = begin.clone();
    rounding::begin();
    let (own, w) = (w, &rounding::weights(graph, w, random)[..]);
    let values = forward(graph, w, x, n, random, &mut carried);
    let outputs: Vec<Vec<f64>> = graph.outputs.iter().map(|output| values[graph.root(output.value)].clone()).collect();
    let mut penalties = 0.0;
    for param in graph.params.iter().filter(|param| trained(graph, param)) {
        if let Some(p) = param.regularizer {
            penalties += penalty::scalar::value(&own[param.at..param.at + len(param.shape)], p);
        }
    }
    penalties += activities(graph, w, &values, n, random, &begin);
    let data: f64 = outputs.iter().zip(dy).map(|(y, dy)| y.iter().zip(dy).map(|(y, dy)| y * dy).sum::<f64>()).sum();
    let (mut grads, input_grads) = backward(graph, w, &values, dy, n, random, &begin);
    for param in graph.params {
        let range = param.at..param.at + len(param.shape);
        if !trained(graph, param) {
            grads[range].fill(0.0);
        } else if let Some(p) = param.regularizer {
            let mut dw = vec![0.0; range.len()];
            penalty::scalar::backward(&mut dw, &own[range.clone()], p);
            grads[range].iter_mut().zip(&dw).for_each(|(g, dw)| *g += dw);
        }
    }
    let margin = rounding::margin();
    Interpreted { outputs, loss: data + penalties, penalties, grads, input_grads, carried, margin }
}

fn trained(graph: &Graph, param: &keras::__private::graph::Param) -> bool {
    param.trainable && graph.is_trainable(param.layer)
}

/// A model that is a layer: where its weights begin, and what it draws from.
fn nested(graph: &Graph, inner: &Graph, first: usize, stream: u32, random: Random) -> (usize, Random) {
    let at = inner.params.first().map_or(0, |param| graph.params[first].at - param.at);
    let frozen = random.frozen
        || graph.params[first..].iter().take(inner.params.len()).zip(inner.params).any(|(outer, own)| {
            // A layer that the outer graph freezes and the inner one does not: so is all of the model.
            !graph.is_trainable(outer.layer) && inner.is_trainable(own.layer)
        });
    (at, Random { seed: keras::layer::nested_seed(random.seed, stream), frozen, ..random })
}

/// What the rows of a model that is a layer carry, of what those of the model around it do.
fn part(graph: &Graph, carried: &[f64], inner: &Graph, begin: usize) -> Vec<f64> {
    let rows = carried.chunks_exact(graph.carried.max(1));
    rows.flat_map(|row| row[begin..begin + inner.carried].to_vec()).collect()
}

/// The penalties on activities, those of models that are layers among them. `carried` is what the batch began with.
fn activities(graph: &Graph, w: &[f64], values: &[Vec<f64>], n: usize, random: Random, carried: &[f64]) -> f64 {
    let own = graph.activity.iter().map(|&(value, p)| penalty::scalar::value(&values[graph.root(value)], p) / n as f64);
    let within = graph.ops.iter().map(|op| match op.kind {
        OpKind::Nested { graph: inner, first, stream, carried: begin, .. } => {
            let (at, random) = nested(graph, inner, first, stream, random);
            let own = part(graph, carried, inner, begin);
            let x = values[graph.root(op.inputs[0])].clone();
            let values = forward(inner, &w[at..], &[x], n, random, &mut own.clone());
            activities(inner, &w[at..], &values, n, random, &own)
        }
        _ => 0.0,
    });
    own.sum::<f64>() + within.sum::<f64>()
}

fn forward(graph: &Graph, w: &[f64], x: &[Vec<f64>], n: usize, random: Random, carried: &mut [f64]) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = graph.values.iter().map(|value| vec![0.0; n * len(value.shape)]).collect();
    values[..x.len()].clone_from_slice(x);
    for op in graph.ops {
        let xs: Vec<Vec<f64>> = op.inputs.iter().map(|&input| values[graph.root(input)].clone()).collect();
        let y = &mut values[graph.root(op.output)];
        if let OpKind::Recall { at } | OpKind::Carry { at } = op.kind {
            let len = y.len() / n;
            for (row, of_row) in carried.chunks_exact_mut(graph.carried).enumerate() {
                let (y, carried) = (&mut y[row * len..][..len], &mut of_row[at..at + len]);
                match xs.first() {
                    None => y.copy_from_slice(carried),
                    Some(x) => carried.copy_from_slice(&x[row * len..][..len]),
                }
            }
            continue;
        }
        let weight = |i: usize| {
            let param = &graph.params[op.params[i]];
            &w[param.at..param.at + len(param.shape)]
        };
        let call = Call {
            kind: op.kind,
            x: xs.iter().map(Vec::as_slice).collect(),
            w: (0..op.params.len()).map(weight).collect(),
            n,
            random,
            trainable: graph.is_trainable(op.layer) && !random.frozen,
        };
        if FAMILIES.iter().any(|family| (family.forward)(&call, y)) {
            continue;
        }
        match op.kind {
            OpKind::Dense { outer, k, n: units, act } => {
                let bias = (op.params.len() > 1).then(|| weight(1));
                dense::scalar::forward(y, &xs[0], weight(0), bias, act, n * outer, k, units);
            }
            OpKind::Activation { act } => activation::scalar::forward(y, Some(&xs[0]), act),
            OpKind::Softmax { n } => softmax::scalar::forward(y, Some(&xs[0]), n),
            OpKind::LogSoftmax { n } => log_softmax::scalar::forward(y, Some(&xs[0]), n),
            OpKind::Sparsemax { n } => sparsemax::scalar::forward(y, Some(&xs[0]), n),
            OpKind::Glu { n } => glu::scalar::forward(y, &xs[0], n),
            OpKind::UnitNormalization { n } => unit_normalization::scalar::forward(y, Some(&xs[0]), n),
            OpKind::Dropout { rate, stream, seed } if random.training => {
                let key = random.key(seed, stream);
                dropout::scalar::forward(y, Some(&xs[0]), rate, key, 0);
            }
            OpKind::Nested { graph: inner, first, stream, carried: begin, .. } => {
                let (at, random) = nested(graph, inner, first, stream, random);
                let mut own = part(graph, carried, inner, begin);
                let values = forward(inner, &w[at..], &xs, n, random, &mut own);
                if inner.carried > 0 {
                    let rows = carried.chunks_exact_mut(graph.carried).zip(own.chunks_exact(inner.carried));
                    rows.for_each(|(row, own)| row[begin..begin + own.len()].copy_from_slice(own));
                }
                y.copy_from_slice(&values[inner.root(inner.outputs[0].value)]);
            }
            OpKind::Noise { noise, stream, seed } if random.training => {
                noise::scalar::forward(y, Some(&xs[0]), noise, random.key(seed, stream), 0);
            }
            OpKind::ShapedDropout { rate, alpha, by_sample, dims, stream, seed } if random.training => {
                let mask = mask(rate, alpha, by_sample, dims);
                shaped_dropout::scalar::forward(y, Some(&xs[0]), mask, random.key(seed, stream), 0);
            }
            OpKind::Dropout { .. } | OpKind::Noise { .. } | OpKind::ShapedDropout { .. } => y.copy_from_slice(&xs[0]),
            OpKind::PRelu { dims } => prelu::scalar::forward(y, Some(&xs[0]), weight(0), dims),
            ref other => panic!("the interpreter does not know {other:?}"),
        }
    }
    values
}

fn backward(
    graph: &Graph,
    w: &[f64],
    values: &[Vec<f64>],
    dy: &[Vec<f64>],
    n: usize,
    random: Random,
    carried: &[f64],
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut grads = vec![0.0; w.len()];
    let mut d: Vec<Vec<f64>> = values.iter().map(|value| vec![0.0; value.len()]).collect();
    for (output, dy) in graph.outputs.iter().zip(dy) {
        let d = &mut d[graph.root(output.value)];
        d.iter_mut().zip(dy).for_each(|(d, dy)| *d += dy);
    }
    for &(value, p) in graph.activity {
        let value = graph.root(value);
        penalty::scalar::activity_backward(&mut d[value], &values[value], p, 1.0 / n as f64);
    }
    // No gradient goes from batch to batch.
    let between = |op: &&Op| !matches!(op.kind, OpKind::Recall { .. } | OpKind::Carry { .. });
    for op in graph.ops.iter().rev().filter(between) {
        let mut dy = d[graph.root(op.output)].clone();
        let y = &values[graph.root(op.output)];
        let x = &values[graph.root(op.inputs[0])];
        let param = |i: usize| &graph.params[op.params[i]];
        let weight = |i: usize| &w[param(i).at..param(i).at + len(param(i).shape)];
        let call = Call {
            kind: op.kind,
            x: op.inputs.iter().map(|&input| values[graph.root(input)].as_slice()).collect(),
            w: (0..op.params.len()).map(weight).collect(),
            n,
            random,
            trainable: graph.is_trainable(op.layer) && !random.frozen,
        };
        let zeros = |of: &[&[f64]]| of.iter().map(|of| vec![0.0; of.len()]).collect::<Vec<_>>();
        let (mut dxs, mut dws) = (zeros(&call.x), zeros(&call.w));
        if FAMILIES.iter().any(|family| (family.backward)(&call, y, &dy, &mut dxs, &mut dws)) {
            for (&input, dx) in op.inputs.iter().zip(&dxs) {
                d[graph.root(input)].iter_mut().zip(dx).for_each(|(d, dx)| *d += dx);
            }
            for (i, dw) in dws.iter().enumerate() {
                grads[param(i).at..].iter_mut().zip(dw).for_each(|(g, dw)| *g += dw);
            }
            continue;
        }
        for &input in op.inputs {
            let dx = &mut d[graph.root(input)];
            match op.kind {
                OpKind::Dense { outer, k, n: units, act } => {
                    activation::scalar::backward(&mut dy, None, y, act, false);
                    let (at, m) = (param(0).at, n * outer);
                    dense::scalar::backward_data(dx, &dy, &w[at..at + k * units], m, k, units, true);
                    let mut dw = vec![0.0; k * units];
                    dense::scalar::backward_kernel(&mut dw, x, &dy, m, k, units);
                    grads[at..].iter_mut().zip(&dw).for_each(|(g, dw)| *g += dw);
                    if op.params.len() > 1 {
                        let mut db = vec![0.0; units];
                        dense::scalar::backward_bias(&mut db, &dy, m, units);
                        grads[param(1).at..].iter_mut().zip(&db).for_each(|(g, db)| *g += db);
                    }
                }
                OpKind::Activation { act } => {
                    let saved = if matches!(act.saves(), activation::Saves::Input) { x } else { y };
                    activation::scalar::backward(dx, Some(&dy), saved, act, true);
                }
                OpKind::Softmax { n } => softmax::scalar::backward(dx, Some(&dy), y, n, true),
                OpKind::LogSoftmax { n } => log_softmax::scalar::backward(dx, Some(&dy), y, n, true),
                OpKind::Sparsemax { n } => sparsemax::scalar::backward(dx, Some(&dy), y, n, true),
                OpKind::Glu { n } => glu::scalar::backward(dx, &dy, x, n, true),
                OpKind::UnitNormalization { n } => unit_normalization::scalar::backward(dx, Some(&dy), x, n, true),
                OpKind::Dropout { rate, stream, seed } if random.training => {
                    let key = random.key(seed, stream);
                    dropout::scalar::backward(dx, Some(&dy), rate, key, 0, true);
                }
                OpKind::Nested { graph: inner, first, stream, carried: begin, .. } => {
                    let (at, random) = nested(graph, inner, first, stream, random);
                    let own = part(graph, carried, inner, begin);
                    let values = forward(inner, &w[at..], std::slice::from_ref(x), n, random, &mut own.clone());
                    let (dw, dinp) = backward(inner, &w[at..], &values, std::slice::from_ref(&dy), n, random, &own);
                    grads[at..].iter_mut().zip(&dw).for_each(|(g, dw)| *g += dw);
                    dx.iter_mut().zip(&dinp[0]).for_each(|(dx, d)| *dx += d);
                }
                OpKind::Noise { noise, stream, seed } if random.training => {
                    noise::scalar::backward(dx, Some(&dy), noise, random.key(seed, stream), 0, true);
                }
                OpKind::ShapedDropout { rate, alpha, by_sample, dims, stream, seed } if random.training => {
                    let mask = mask(rate, alpha, by_sample, dims);
                    shaped_dropout::scalar::backward(dx, Some(&dy), mask, random.key(seed, stream), 0, true);
                }
                OpKind::PRelu { dims } => {
                    let range = param(0).at..param(0).at + len(param(0).shape);
                    prelu::scalar::backward_data(dx, Some(&dy), x, &w[range.clone()], dims, true);
                    let mut dalpha = vec![0.0; range.len()];
                    prelu::scalar::backward_alpha(&mut dalpha, x, &dy, dims);
                    grads[range].iter_mut().zip(&dalpha).for_each(|(g, d)| *g += d);
                }
                OpKind::Dropout { .. } | OpKind::Noise { .. } | OpKind::ShapedDropout { .. } => {
                    dx.iter_mut().zip(&dy).for_each(|(dx, dy)| *dx += dy);
                }
                ref other => panic!("the interpreter does not know {other:?}"),
            }
        }
    }
    d.truncate(graph.inputs.len());
    (grads, d)
}
