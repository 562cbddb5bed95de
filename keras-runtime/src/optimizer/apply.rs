//! A step of an optimizer whose gradients are all there.

use keras_kernels::memory::{Out, Sink, Use};

use super::{LossScale, Optimizer, Step};
use crate::constraint;
use crate::model::Graph;
use crate::model::graph::Param;
use crate::training::Shared;

/// What an optimizer counts.
pub(crate) struct Counts<'a> {
    /// The steps that it has made.
    pub(crate) iterations: &'a mut u64,
    /// What the loss is multiplied by.
    pub(crate) loss_scale: Option<&'a mut LossScale>,
}

/// Blocks of a model's weights, laid out as its graph says.
pub(crate) struct Blocks<'a, 's> {
    pub(crate) weights: &'a mut [f32],
    pub(crate) grads: &'a mut [f32],
    /// The optimizer's state.
    pub(crate) slots: &'a mut [&'s mut [f32]],
    /// By parameter: whether it stays as it is.
    pub(crate) frozen: &'a [bool],
}

/// Updates the weights by gradients and projects them, unless the step is left out because gradients are not finite. What the gradients
/// hold afterwards means nothing. Weights are the same to the bit, however many threads there are.
pub(crate) fn apply(
    graph: &Graph,
    optimizer: &mut dyn Optimizer,
    counts: Counts<'_>,
    blocks: Blocks<'_, '_>,
    mut threads: Shared<'_>,
) {
    let Blocks { weights, grads, slots, frozen } = blocks;
    let Counts { iterations, loss_scale } = counts;
    if let Some(scale) = loss_scale {
        let finite = scale.unscale(graph.params, &mut Sink::store(weights, grads, frozen), &mut threads);
        scale.count(finite);
        if !finite {
            return;
        }
    }
    match optimizer.step(*iterations) {
        Step::Elementwise(rule) => {
            let mut sink = Sink::update(weights, grads, frozen, rule, slots);
            by_params(graph.params, &mut sink, &mut threads, &|_, mut out| {
                let own = out.own();
                out.done(own.start, own.len());
            });
        }
        Step::Tensors(rule) => rule.update(graph.params, frozen, weights, grads, slots),
    }
    constraint::apply(graph, frozen, weights);
    *iterations += 1;
}

/// Does something with each parameter that is trained, whose gradients are there: each thread with the part that is its own.
pub(super) fn by_params(
    params: &[Param],
    sink: &mut Sink<'_>,
    threads: &mut Shared<'_>,
    work: &(dyn Fn(&Param, Out<'_>) + Sync),
) {
    let each = |sink: &mut Sink<'_>| {
        for (i, param) in params.iter().enumerate().filter(|(_, param)| param.trainable) {
            let len = param.shape.iter().product();
            if let Some(out) = sink.some_rows(i, param.at, len, Use::Only) {
                work(param, out);
            }
        }
    };
    match threads {
        Some((team, cuts)) => sink.by_weights(team, cuts, &each),
        None => each(sink),
    }
}
