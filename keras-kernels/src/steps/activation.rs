//! Elementwise activations.

use super::Pass;
use crate::activation::{self, Act};
use crate::memory::Buf;

/// See [`activation::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, act: Act) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    activation::forward(isa, y, x, act);
}

/// See [`activation::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, saved: Buf, act: Act, acc: bool) {
    let isa = pass.isa;
    let (dx, dy, saved) = pass.in_place_with(dx, dy, saved);
    activation::backward(isa, dx, dy, saved, act, acc);
}
