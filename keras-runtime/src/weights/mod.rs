//! Weights in files.
//!
//! A file is in the [safetensors](https://huggingface.co/docs/safetensors) format. Its tensors are named
//! `<layer>/<param>`: `dense/kernel`. The state of an optimizer, where it is saved as well, is in
//! `optimizer/<slot>/<layer>/<param>`, `optimizer/iteration` and `optimizer/learning_rate`, and that of a scale of the
//! loss that follows the gradients in `optimizer/dynamic_scale` and `optimizer/step_counter`. Weights move by name, so a
//! file serves any model that has layers of these names and sizes.
//!
//! A file is written beside its place and then moved there: whatever happens meanwhile, there is the old file or the new
//! one, whole.

mod load;
mod save;

pub use load::{Load, load, load_optimizer};
pub use save::{save, save_with_optimizer};

use keras_formats::safetensors as file;

use crate::model::Graph;
use crate::model::graph::Param;
use crate::optimizer::LossScale;

/// The state of an optimizer between two steps.
#[derive(Clone, Debug)]
pub struct State<'a> {
    /// How many steps there have been.
    pub iteration: u64,
    /// The learning rate.
    pub learning_rate: f32,
    /// What the loss is multiplied by, if it is.
    pub loss_scale: Option<&'a LossScale>,
    /// Each slot's name, and its block of the weights' layout.
    pub slots: Vec<(&'a str, &'a [f32])>,
}

const ITERATION: &str = "optimizer/iteration";
const LEARNING_RATE: &str = "optimizer/learning_rate";
const DYNAMIC_SCALE: &str = "optimizer/dynamic_scale";
const STEP_COUNTER: &str = "optimizer/step_counter";

/// The name of a parameter in files.
fn tensor(graph: &Graph, param: &Param) -> String {
    format!("{}/{}", graph.path(param.layer), param.name)
}

/// The name of a slot of a parameter in files.
fn slot_tensor(graph: &Graph, slot: &str, param: &Param) -> String {
    format!("optimizer/{slot}/{}", tensor(graph, param))
}

/// Where a parameter lies in the block.
fn range(param: &Param) -> core::ops::Range<usize> {
    param.at..param.at + param.shape.iter().product::<usize>()
}
