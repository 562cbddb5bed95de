//! Projections of weights after each update.

use crate::model::Graph;
use crate::model::graph::Constraint;

/// Keras's `epsilon()`, which is added to norms before weights are divided by them.
const EPSILON: f64 = 1e-7;

/// Projects all trained parameters that have a constraint; `frozen[i]` says that parameter `i` is not trained.
///
/// # Panics
/// If `weights` is not the parameter block of the graph's model.
pub fn apply(graph: &Graph, frozen: &[bool], weights: &mut [f32]) {
    for (i, param) in graph.params.iter().enumerate() {
        if let Some(constraint) = &param.constraint
            && param.trainable
            && frozen.get(i) != Some(&true)
        {
            let len: usize = param.shape.iter().product();
            project(constraint, param.shape, &mut weights[param.at..param.at + len]);
        }
    }
}

/// Projects one parameter with these dimensions.
///
/// ```
/// use keras_runtime::constraint::project;
/// use keras_runtime::model::graph::Constraint;
/// let mut kernel = [3.0, 0.5, 4.0, 0.5];
/// project(&Constraint::MaxNorm { max_value: 1.0, axis: 0 }, &[2, 2], &mut kernel);
/// assert!((kernel[0] - 0.6).abs() < 1e-6 && (kernel[1] - 0.5).abs() < 1e-6);
/// ```
///
/// # Panics
/// If `weights` is not as long as the dimensions say.
pub fn project(constraint: &Constraint, shape: &[usize], weights: &mut [f32]) {
    match *constraint {
        Constraint::NonNeg => weights.iter_mut().filter(|w| **w < 0.0).for_each(|w| *w = 0.0),
        Constraint::MaxNorm { max_value, axis } => {
            let max = f64::from(max_value);
            to_norms(shape, axis, weights, |norm| norm.min(max));
        }
        Constraint::MinMaxNorm { min_value, max_value, rate, axis } => {
            let (min, max, rate) = (f64::from(min_value), f64::from(max_value), f64::from(rate));
            to_norms(shape, axis, weights, |norm| rate * norm.max(min).min(max) + (1.0 - rate) * norm);
        }
        Constraint::UnitNorm { axis } => to_norms(shape, axis, weights, |_| 1.0),
    }
}

/// Scales weights so that their norms over a dimension become what `wanted` makes of them.
fn to_norms(shape: &[usize], axis: usize, weights: &mut [f32], wanted: impl Fn(f64) -> f64) {
    assert_eq!(weights.len(), shape.iter().product::<usize>(), "weights for the shape {shape:?}");
    let (Some(&len), inner) = (shape.get(axis), shape.iter().skip(axis + 1).product::<usize>()) else { return };
    if weights.is_empty() {
        return;
    }
    for outer in weights.chunks_exact_mut(len * inner) {
        for at in 0..inner {
            let norm = outer[at..].iter().step_by(inner).map(|&w| f64::from(w) * f64::from(w)).sum::<f64>().sqrt();
            let factor = wanted(norm) / (EPSILON + norm);
            outer[at..].iter_mut().step_by(inner).for_each(|w| *w = (f64::from(*w) * factor) as f32);
        }
    }
}
