//! Normal noise. Without a key nothing is random: values are copied.

use super::{Pass, activation};
use crate::activation::Act;
use crate::dropout::Key;
use crate::memory::Buf;
use crate::noise::{self, Noise};

/// See [`noise::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, noise: Noise, key: Option<Key>) {
    let Some(key) = key else { return activation::forward(pass, y, x, Act::Linear) };
    let (isa, first) = (pass.isa, (pass.rows.first() * y.len()) as u64);
    let (y, x) = pass.in_place(y, x);
    noise::forward(isa, y, x, noise, key, first);
}

/// See [`noise::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, noise: Noise, key: Option<Key>, acc: bool) {
    let Some(key) = key else { return activation::backward(pass, dx, dy, Buf::EMPTY, Act::Linear, acc) };
    let (isa, first) = (pass.isa, (pass.rows.first() * dx.len()) as u64);
    let (dx, dy, _) = pass.in_place_with(dx, dy, Buf::EMPTY);
    noise::backward(isa, dx, dy, noise, key, first, acc);
}
