//! More positions along one dimension.

use super::Pass;
use crate::interpolate as kernel;
pub use crate::interpolate::{Along, Method, Weights};
use crate::memory::Buf;

/// See [`kernel::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, of: &Along) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    kernel::forward(pass.isa, y, x, of);
}

/// See [`kernel::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, of: &Along, acc: bool) {
    let ([dx], [dy], _) = pass.rows.step([dx], [dy]);
    kernel::backward(pass.isa, dx, dy, of, acc);
}
