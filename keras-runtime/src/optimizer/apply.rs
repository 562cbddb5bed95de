//! A step of an optimizer whose gradients are all there.

use keras_kernels::memory::Slots;

use super::{LossScale, Optimizer, Step};
use crate::constraint;
use crate::model::Graph;

/// What an optimizer counts.
pub(crate) struct Counts<'a> {
    /// The steps that it has made.
    pub(crate) iterations: &'a mut u64,
    /// What the loss is multiplied by.
    pub(crate) loss_scale: Option<&'a mut LossScale>,
}

/// Updates the weights by gradients and projects them, unless the step is left out because gradients are not finite. `weights`,
/// `grads` and each slot are laid out as the graph says. What the gradients hold afterwards means nothing.
pub(crate) fn apply(
    graph: &Graph,
    optimizer: &mut dyn Optimizer,
    counts: Counts<'_>,
    frozen: &[bool],
    weights: &mut [f32],
    grads: &mut [f32],
    slots: &mut [&mut [f32]],
) {
    let Counts { iterations, loss_scale } = counts;
    if let Some(scale) = loss_scale {
        let finite = scale.unscale(graph.params, frozen, grads);
        scale.count(finite);
        if !finite {
            return;
        }
    }
    match optimizer.step(*iterations) {
        Step::Elementwise(rule) => {
            for (param, &frozen) in graph.params.iter().zip(frozen) {
                let range = param.at..param.at + param.shape.iter().product::<usize>();
                let mut own = Slots::default();
                for (own, slot) in own.iter_mut().zip(&mut *slots) {
                    *own = &mut slot[range.clone()];
                }
                if !frozen {
                    rule.update(&mut weights[range.clone()], &grads[range], own);
                }
            }
        }
        Step::Tensors(rule) => rule.update(graph.params, frozen, weights, grads, slots),
    }
    constraint::apply(graph, frozen, weights);
    *iterations += 1;
}
