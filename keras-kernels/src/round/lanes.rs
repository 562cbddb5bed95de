//! Rounding by the bits of a number, in loops that the compiler makes lanes of.

use super::Precision;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, to: Precision) {
    backward(y, x, to, false);
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, to: Precision, acc: bool) {
    match to {
        Precision::Float32 => each(dx, dy, acc, |x| x),
        Precision::Bfloat16 => each(dx, dy, acc, bfloat16),
        Precision::Float16 => each(dx, dy, acc, float16),
    }
}

#[inline(always)]
fn each(dx: &mut [f32], dy: Option<&[f32]>, acc: bool, rounded: impl Fn(f32) -> f32) {
    match dy {
        None => dx.iter_mut().for_each(|dx| *dx = rounded(*dx)),
        Some(dy) if acc => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += rounded(dy)),
        Some(dy) => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = rounded(dy)),
    }
}

/// Without its last `DROPPED` bits: half of what they count is added before they are taken away, less one for an even number. What
/// is carried goes to the exponent, where it belongs.
#[inline(always)]
fn shortened<const DROPPED: u32>(x: f32) -> f32 {
    let bits = x.to_bits();
    let half = (1 << (DROPPED - 1)) - 1 + ((bits >> DROPPED) & 1);
    f32::from_bits((bits.wrapping_add(half) >> DROPPED) << DROPPED)
}

#[inline(always)]
fn bfloat16(x: f32) -> f32 {
    if x.is_nan() { x } else { shortened::<16>(x) }
}

#[inline(always)]
fn float16(x: f32) -> f32 {
    let size = x.abs();
    // Below the smallest normal number the quantum is that of 0.5.
    let small = (size + 0.5) - 0.5;
    let usual = shortened::<13>(size);
    let usual = if usual > 65504.0 { f32::INFINITY } else { usual };
    let rounded = if size < 1.0 / 16384.0 { small } else { usual };
    if x.is_nan() { x } else { rounded.copysign(x) }
}
