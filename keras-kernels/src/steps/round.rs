//! Numbers rounded to those of a smaller format.

use super::Pass;
use crate::memory::Buf;
use crate::round::{self, Precision};

/// See [`round::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, to: Precision) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    round::forward(isa, y, x, to);
}

/// See [`round::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, to: Precision, acc: bool) {
    let isa = pass.isa;
    let (dx, dy) = pass.in_place(dx, dy);
    round::backward(isa, dx, dy, to, acc);
}
