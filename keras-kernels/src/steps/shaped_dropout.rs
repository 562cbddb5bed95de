//! Dropout whose mask has a shape of its own, and alpha dropout. Without a key nothing is random: values are copied.

use super::{Pass, activation};
use crate::activation::Act;
use crate::dropout::Key;
use crate::memory::Buf;
use crate::shaped_dropout;
pub use crate::shaped_dropout::{Dim, Mask};

/// See [`shaped_dropout::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, mask: Mask<'_>, key: Option<Key>) {
    let Some(key) = key else { return activation::forward(pass, y, x, Act::Linear) };
    let (isa, first) = (pass.isa, pass.rows.first());
    let (y, x) = pass.in_place(y, x);
    shaped_dropout::forward(isa, y, x, mask, key, first);
}

/// See [`shaped_dropout::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, mask: Mask<'_>, key: Option<Key>, acc: bool) {
    let Some(key) = key else { return activation::backward(pass, dx, dy, Buf::EMPTY, Act::Linear, acc) };
    let (isa, first) = (pass.isa, pass.rows.first());
    let (dx, dy, _) = pass.in_place_with(dx, dy, Buf::EMPTY);
    shaped_dropout::backward(isa, dx, dy, mask, key, first, acc);
}
