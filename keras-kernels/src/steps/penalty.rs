//! Penalties on weights and activations.

use super::{ParamPass, Pass, To};
use crate::memory::Buf;
use crate::penalty::{self, Penalty};

/// The gradient of a penalty on `len` weights, scaled as the loss is. See [`penalty::backward`].
pub fn backward(pass: &mut ParamPass<'_, '_>, to: To, len: usize, p: Penalty) {
    let (isa, p) = (pass.isa, p.times(pass.whole.loss_scale()));
    let Some(out) = pass.penalty(to, len) else { return };
    penalty::backward(isa, out, p);
}

/// The gradient of a penalty on activations, divided by the rows of the batch as Keras does, and scaled as the loss is.
/// See [`penalty::activity_backward`].
pub fn activity_backward(pass: &mut Pass<'_>, dx: Buf, x: Buf, p: Penalty) {
    let (isa, scale) = (pass.isa, pass.rows.loss_scale() / pass.rows.batch() as f32);
    let ([dx], [x], _) = pass.rows.step([dx], [x]);
    penalty::activity_backward(isa, dx, x, p, scale);
}
