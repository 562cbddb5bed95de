//! How the work of a training step is divided among threads.

use keras_kernels::attention::Heads;

use super::graph::{Graph, Op, OpKind, Param};

/// Rows of a kernel that one thread updates together: as many as the largest tile of a product has, or so.
const TILE: usize = 16;

/// Floating-point operations of a training step for each row, those of products and of normalizations: forward, and backward
/// as much again for the data and for the weights.
#[must_use]
pub fn cost(graph: &Graph) -> f64 {
    let of = |op: &Op| match op.kind {
        OpKind::Dense { outer, k, n, .. } | OpKind::Ternary { outer, k, n, .. } => {
            6.0 * outer as f64 * k as f64 * n as f64
        }
        OpKind::Einsum { outer, groups } => 6.0 * outer as f64 * groups.weights() as f64,
        OpKind::Dot { m, n, k } => 6.0 * m as f64 * n as f64 * k as f64,
        OpKind::Recurrent { layer, .. } => 6.0 * layer.steps as f64 * (layer.k + layer.units) as f64 * layer.n() as f64,
        OpKind::ConvRecurrent { layer, .. } => {
            let depth = (layer.input.depth() + layer.state.depth()) as f64;
            6.0 * (layer.cell.steps * layer.positions()) as f64 * depth * layer.cell.n() as f64
        }
        // Some twenty operations for each element.
        OpKind::Normalization { .. } | OpKind::BatchNormalization { .. } => {
            20.0 * graph.values[op.output].shape.iter().product::<usize>() as f64
        }
        OpKind::Conv { geometry: g, .. } | OpKind::ConvTranspose { geometry: g, .. } => {
            6.0 * g.windows.count() as f64 * g.depth() as f64 * g.cout as f64
        }
        OpKind::Interpolate { of: along } => {
            let outputs = graph.values[op.output].shape.iter().product::<usize>();
            8.0 * along.method.radius() as f64 * outputs as f64
        }
        OpKind::Attention { heads, .. } => {
            let products = (heads.queries * heads.keys * heads.heads) as f64;
            7.0 * products * (score(&heads) + heads.width as f64)
        }
        OpKind::AttentionWeights { heads, .. } => {
            7.0 * (heads.queries * heads.keys * heads.heads) as f64 * score(&heads)
        }
        OpKind::AttentionMix { heads } => 6.0 * (heads.queries * heads.keys * heads.heads * heads.width) as f64,
        OpKind::Nested { graph, .. } => cost(graph),
        OpKind::Own { times, .. } => {
            graph.params[graph.own(op)].iter().map(|param| 6.0 * (times * floats(param)) as f64).sum()
        }
        _ => 0.0,
    };
    graph.ops.iter().map(of).sum()
}

/// What a score of attention costs, in multiplications and additions: some twenty for each tanh.
fn score(heads: &Heads) -> f64 {
    heads.depth as f64 * if heads.additive { 10.0 } else { 1.0 }
}

/// Floats that stay in the second-level cache of a core, which is 2 MiB where this was measured, beside what else is in it.
const NEAR: usize = 5 << 16;

/// How many rows of a batch a thread takes through a step at once: so many that what they leave stays in the cache, and all of
/// them if an op needs the whole batch.
///
/// The gradients of weights are then read and written once for each block, which is nothing beside the rest of it as long as
/// a block has some times as many activations as there are weights.
#[must_use]
pub fn block(graph: &Graph) -> usize {
    // The positions that a mask leaves in the loss are counted over the batch.
    if !is_by_rows(graph) || graph.outputs.iter().any(|output| output.mask.is_some()) {
        return usize::MAX;
    }
    let weights: usize = graph.params.iter().map(floats).sum();
    let layout = graph.train.layout;
    let rows = NEAR.max(4 * weights) / (layout.kept + layout.temp).max(1);
    // A power of two divides most batches.
    1 << rows.max(1).ilog2()
}

/// Whether nothing in the model needs more of the batch than its own rows.
#[must_use]
pub fn is_by_rows(graph: &Graph) -> bool {
    let by_rows = |op: &Op| match op.kind {
        // State is written once for each step; the user's layers may have some.
        OpKind::BatchNormalization { .. } | OpKind::Spectral { .. } | OpKind::Own { .. } => false,
        OpKind::Nested { graph, .. } => is_by_rows(graph),
        OpKind::Dense { .. }
        | OpKind::Ternary { .. }
        | OpKind::Einsum { .. }
        | OpKind::Bias { .. }
        | OpKind::Conv { .. }
        | OpKind::ConvTranspose { .. }
        | OpKind::Activation { .. }
        | OpKind::Softmax { .. }
        | OpKind::LogSoftmax { .. }
        | OpKind::Sparsemax { .. }
        | OpKind::Glu { .. }
        | OpKind::UnitNormalization { .. }
        | OpKind::Dropout { .. }
        | OpKind::Noise { .. }
        | OpKind::Round { .. }
        | OpKind::ShapedDropout { .. }
        | OpKind::Attention { .. }
        | OpKind::AttentionWeights { .. }
        | OpKind::AttentionMix { .. }
        | OpKind::Normalization { .. }
        | OpKind::PRelu { .. }
        | OpKind::Recurrent { .. }
        | OpKind::ConvRecurrent { .. }
        | OpKind::Recall { .. }
        | OpKind::Carry { .. }
        | OpKind::Pool { .. }
        | OpKind::Add
        | OpKind::Concatenate { .. }
        | OpKind::Merge { .. }
        | OpKind::Cast
        | OpKind::NotEqual { .. }
        | OpKind::Mask { .. }
        | OpKind::Select { .. }
        | OpKind::Embedding { .. }
        | OpKind::Dot { .. }
        | OpKind::Gather { .. }
        | OpKind::Interpolate { .. } => true,
    };
    graph.activity.is_empty() && graph.ops.iter().all(by_rows)
}

fn floats(param: &Param) -> usize {
    param.shape.iter().product()
}

/// Weights that lie one behind the other, of which a thread may update `step`, or a multiple of it.
struct Piece {
    at: usize,
    len: usize,
    step: usize,
    /// The work that each of them makes, compared with others.
    cost: f64,
}

/// The first weight of each thread and the end of them all, so that all threads have about as much to do.
#[must_use]
pub fn cuts(graph: &Graph, threads: usize) -> Vec<usize> {
    let mut pieces: Vec<Piece> = graph
        .params
        .iter()
        .map(|param| Piece { at: param.at, len: floats(param), step: floats(param).max(1), cost: 0.0 })
        .collect();
    divide(graph, 0, &mut pieces);
    pieces.sort_by_key(|piece| piece.at);
    let end = pieces.last().map_or(0, |piece| piece.at + piece.len);
    let total: f64 = pieces.iter().map(|piece| piece.len as f64 * piece.cost).sum();
    let (mut cuts, mut before) = (vec![0], 0.0);
    for Piece { at, len, step, cost } in pieces {
        let work = len as f64 * cost;
        while cuts.len() < threads && before + work >= total * cuts.len() as f64 / threads as f64 {
            let floats = (total * cuts.len() as f64 / threads as f64 - before) / cost;
            let cut = at + ((floats / step as f64).round() as usize * step).min(len);
            cuts.push(cut.max(*cuts.last().unwrap_or(&0)));
        }
        before += work;
    }
    cuts.resize(threads, end);
    cuts.push(end);
    cuts
}

/// Says of the pieces from `first` on, which are the params of this graph, where they can be divided.
fn divide(graph: &Graph, first: usize, pieces: &mut [Piece]) {
    for op in graph.ops {
        match op.kind {
            OpKind::Dense { outer, n, .. } | OpKind::Ternary { outer, n, .. } => {
                if let Some(piece) = op.params.first().and_then(|param| pieces.get_mut(first + param)) {
                    piece.step = TILE * n;
                    // A kernel that is used twice makes twice the work.
                    piece.cost += outer as f64;
                }
            }
            OpKind::Einsum { outer, groups } if groups.groups == 1 => {
                if let Some(piece) = op.params.first().and_then(|param| pieces.get_mut(first + param)) {
                    piece.step = TILE * if groups.strides[2] == 1 { groups.n } else { groups.k };
                    piece.cost += outer as f64;
                }
            }
            OpKind::Embedding { n, .. } => {
                if let Some(piece) = op.params.first().and_then(|param| pieces.get_mut(first + param)) {
                    piece.step = TILE * n;
                    piece.cost += 1.0;
                }
            }
            OpKind::Recurrent { layer, .. } => {
                for param in op.params.iter().take(2) {
                    if let Some(piece) = pieces.get_mut(first + param) {
                        piece.step = TILE * layer.n();
                        piece.cost += layer.steps as f64;
                    }
                }
            }
            OpKind::ConvRecurrent { layer, .. } => {
                for param in op.params.iter().take(2) {
                    if let Some(piece) = pieces.get_mut(first + param) {
                        piece.step = TILE * layer.cell.n();
                        piece.cost += (layer.cell.steps * layer.positions()) as f64;
                    }
                }
            }
            OpKind::Conv { geometry, .. } | OpKind::ConvTranspose { geometry, .. } => {
                if let Some(piece) = op.params.first().and_then(|param| pieces.get_mut(first + param)) {
                    // The rows of a depthwise one are taps, none of which needs another.
                    piece.step = if geometry.is_depthwise() { geometry.cout } else { TILE * geometry.cout };
                    piece.cost += geometry.windows.count() as f64;
                }
            }
            OpKind::Nested { graph, first: inner, .. } => divide(graph, first + inner, pieces),
            OpKind::Own { times, .. } => {
                // All of its weights are updated at once: the first piece is all of them.
                let params = graph.own(op);
                let Some(own) = pieces.get_mut(first + params.start..first + params.end) else { continue };
                let len = graph.params[params].iter().map(floats).sum();
                let Some(at) = own.iter().map(|piece| piece.at).min() else { continue };
                for piece in own.iter_mut() {
                    *piece = Piece { at: at + len, len: 0, step: 1, cost: 1.0 };
                }
                own[0] = Piece { at, len, step: len.max(1), cost: times as f64 };
            }
            _ => {}
        }
    }
}
