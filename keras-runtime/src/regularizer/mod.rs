//! Penalties on weights. Their gradients are computed by the model itself; here is what they add to the loss.

use keras_kernels::{Isa, penalty};

use crate::model::Graph;

/// What the penalties of all trained parameters add to the loss; `frozen[i]` says that parameter `i` is not trained.
///
/// # Panics
/// If `weights` is not the parameter block of the graph's model.
#[must_use]
pub fn value(graph: &Graph, frozen: &[bool], weights: &[f32]) -> f32 {
    let mut sum = 0.0;
    for (i, param) in graph.params.iter().enumerate() {
        if let Some(regularizer) = param.regularizer
            && param.trainable
            && frozen.get(i) != Some(&true)
        {
            let len: usize = param.shape.iter().product();
            sum += penalty::value(Isa::current(), &weights[param.at..param.at + len], regularizer);
        }
    }
    sum
}
