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
/// project(&Constraint::MaxNorm { max_value: 1.0, axis: &[0] }, &[2, 2], &mut kernel);
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

/// Scales weights so that their norms over some dimensions become what `wanted` makes of them.
fn to_norms(shape: &[usize], axes: &[i32], weights: &mut [f32], wanted: impl Fn(f64) -> f64) {
    assert_eq!(weights.len(), shape.iter().product::<usize>(), "weights for the shape {shape:?}");
    if weights.is_empty() {
        return;
    }
    let [of_norm, others] = along(shape, axes);
    for outer in 0..others.len() {
        let from = others.at(outer);
        let all = || (0..of_norm.len()).map(|inner| from + of_norm.at(inner));
        let norm = all().map(|i| f64::from(weights[i]) * f64::from(weights[i])).sum::<f64>().sqrt();
        let factor = wanted(norm) / (EPSILON + norm);
        all().for_each(|i| weights[i] = (f64::from(weights[i]) * factor) as f32);
    }
}

/// The dimensions that norms are over, and the others.
pub(crate) fn along(shape: &[usize], axes: &[i32]) -> [Strides; 2] {
    let (mut of_norm, mut others) = (Strides::default(), Strides::default());
    let mut stride = 1;
    for (i, &len) in shape.iter().enumerate().rev() {
        let (from_start, from_end) = (i as i32, i as i32 - shape.len() as i32);
        let within = axes.iter().any(|&axis| axis == from_start || axis == from_end);
        if within { &mut of_norm } else { &mut others }.add(len, stride);
        stride *= len;
    }
    [of_norm, others]
}

/// Some dimensions of a tensor, from the last one on: how long they are, and how far apart their elements. Those that lie side
/// by side are one, so that the kernel of a convolution has no more of them than that of a `Dense`.
#[derive(Default)]
pub(crate) struct Strides {
    dims: [(usize, usize); keras_shapes::MAX_RANK],
    count: usize,
}

impl Strides {
    fn add(&mut self, len: usize, stride: usize) {
        match self.dims[..self.count].last_mut() {
            Some((last, of_last)) if *last * *of_last == stride => *last *= len,
            _ => {
                self.dims[self.count] = (len, stride);
                self.count += 1;
            }
        }
    }

    /// How long the dimensions are, and how far apart their elements.
    #[cfg(feature = "cuda")]
    pub(crate) fn dims(&self) -> &[(usize, usize)] {
        &self.dims[..self.count]
    }

    /// How many elements there are.
    pub(crate) fn len(&self) -> usize {
        self.dims[..self.count].iter().map(|(len, _)| len).product()
    }

    /// Where one of them lies.
    fn at(&self, mut i: usize) -> usize {
        match self.dims[..self.count] {
            [] => 0,
            [(_, stride)] => i * stride,
            ref dims => {
                let mut at = 0;
                for (len, stride) in dims {
                    at += i % len * stride;
                    i /= len;
                }
                at
            }
        }
    }
}
