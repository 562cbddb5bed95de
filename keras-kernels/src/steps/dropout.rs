//! Dropout. Without a key nothing is random: values are copied.

use super::{Pass, activation};
use crate::activation::Act;
use crate::dropout::{self, Key};
use crate::memory::Buf;

/// See [`dropout::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, rate: f32, key: Option<Key>) {
    let Some(key) = key else { return activation::forward(pass, y, x, Act::Linear) };
    let (isa, first) = (pass.isa, (pass.rows.first() * y.len()) as u64);
    let (y, x) = pass.in_place(y, x);
    dropout::forward(isa, y, x, rate, key, first);
}

/// See [`dropout::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, rate: f32, key: Option<Key>, acc: bool) {
    let Some(key) = key else { return activation::backward(pass, dx, dy, Buf::EMPTY, Act::Linear, acc) };
    let (isa, first) = (pass.isa, (pass.rows.first() * dx.len()) as u64);
    let (dx, dy, _) = pass.in_place_with(dx, dy, Buf::EMPTY);
    dropout::backward(isa, dx, dy, rate, key, first, acc);
}
