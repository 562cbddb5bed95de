//! Weights to files.

use std::borrow::Cow;
use std::path::Path;

use keras_formats::safetensors::{Dtype, View};

use super::{DYNAMIC_SCALE, ITERATION, LEARNING_RATE, STEP_COUNTER, State, file, range, slot_tensor, tensor};
use crate::Result;
use crate::model::Graph;
use crate::optimizer::LossScale;

/// Saves all weights of a model, state included, to a file; one that is there is replaced.
///
/// # Errors
/// If the file cannot be written. Then what was there before is still there.
///
/// # Panics
/// If `weights` is not the parameter block of the graph's model.
pub fn save(graph: &Graph, weights: &[f32], path: impl AsRef<Path>) -> Result<()> {
    Ok(file::replace(path.as_ref(), of_model(graph, weights))?)
}

/// Saves all weights of a model and the state of its optimizer, so that training can go on where it was.
///
/// # Errors
/// As [`save`].
///
/// # Panics
/// If `weights` or a slot is not a block of the graph's model.
pub fn save_with_optimizer(graph: &Graph, weights: &[f32], state: &State<'_>, path: impl AsRef<Path>) -> Result<()> {
    let mut tensors = of_model(graph, weights);
    for &(slot, values) in &state.slots {
        for param in graph.params.iter().filter(|param| param.trainable) {
            tensors.push((slot_tensor(graph, slot, param), Tensor::floats(param.shape, &values[range(param)])));
        }
    }
    tensors.push((ITERATION.to_owned(), Tensor::Step(state.iteration)));
    tensors.push((LEARNING_RATE.to_owned(), Tensor::floats(&[], core::slice::from_ref(&state.learning_rate))));
    if let Some(LossScale { scale, step_counter, .. }) = state.loss_scale.filter(|scale| scale.is_dynamic()) {
        tensors.push((DYNAMIC_SCALE.to_owned(), Tensor::floats(&[], core::slice::from_ref(scale))));
        tensors.push((STEP_COUNTER.to_owned(), Tensor::Step(*step_counter)));
    }
    Ok(file::replace(path.as_ref(), tensors)?)
}

fn of_model<'a>(graph: &'a Graph, weights: &'a [f32]) -> Vec<(String, Tensor<'a>)> {
    let params = graph.params.iter();
    params.map(|param| (tensor(graph, param), Tensor::floats(param.shape, &weights[range(param)]))).collect()
}

/// What a tensor of a file is made of.
pub(super) enum Tensor<'a> {
    Floats { shape: &'a [usize], values: &'a [f32] },
    Step(u64),
}

impl<'a> Tensor<'a> {
    fn floats(shape: &'a [usize], values: &'a [f32]) -> Tensor<'a> {
        Tensor::Floats { shape, values }
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self {
            Tensor::Floats { .. } => Dtype::F32,
            Tensor::Step(_) => Dtype::U64,
        }
    }
    fn shape(&self) -> &[usize] {
        match self {
            Tensor::Floats { shape, .. } => shape,
            Tensor::Step(_) => &[],
        }
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(match self {
            Tensor::Floats { values, .. } => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Tensor::Step(step) => step.to_le_bytes().to_vec(),
        })
    }
    fn data_len(&self) -> usize {
        match self {
            Tensor::Floats { values, .. } => size_of_val(*values),
            Tensor::Step(_) => size_of::<u64>(),
        }
    }
}
