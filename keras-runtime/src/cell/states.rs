//! What a cell remembers from step to step.

use keras_kernels::memory::{Block, Sample};
use keras_shapes::Shape;

/// States of a cell: one array of `f32`, or a struct of arrays, each of which is a state by itself.
///
/// For a struct it is derived. The struct is `#[repr(C)]`; its fields are the states in the order in which
/// `return_state = true` gives them and `initial_state = […]` takes them.
///
/// ```
/// # // As `#[derive(keras::States)]` writes it.
/// # use keras_runtime::cell::States;
/// let shapes = <[f32; 8]>::SHAPES;
/// assert_eq!((shapes.len(), shapes[0].dims()), (1, &[8][..]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a cell can remember",
    label = "not states",
    note = "states are an array of `f32`, or a struct of arrays with `#[derive(keras::States)]` and `#[repr(C)]`"
)]
pub trait States: Block {
    /// The shape of each state, in order.
    const SHAPES: &'static [Shape];
}

impl<T: Sample<Elem = f32>, const N: usize> States for [T; N] {
    const SHAPES: &'static [Shape] = &[<[T; N] as Sample>::SHAPE];
}
