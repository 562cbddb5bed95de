//! Noise in lanes.

use super::{Key, Noise};
use crate::add;
use crate::math::{ln, turn};
use crate::philox::{GROUP, from_bits, group};

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, noise: Noise, key: Key, first: u64) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    let stddev = noise.stddev() as f32;
    drawn(y.len(), key, first, |at, normals| {
        let y = &mut y[at..][..normals.len()];
        match noise {
            Noise::Added { .. } => y.iter_mut().zip(normals).for_each(|(y, &n)| *y = stddev.mul_add(n, *y)),
            Noise::Multiplied { .. } => y.iter_mut().zip(normals).for_each(|(y, &n)| *y *= stddev.mul_add(n, 1.0)),
        }
    });
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, noise: Noise, key: Key, first: u64, acc: bool) {
    let stddev = noise.stddev() as f32;
    match (noise, dy) {
        (Noise::Added { .. }, dy) => dy.into_iter().for_each(|dy| add::scalar::backward(dx, dy, acc)),
        (Noise::Multiplied { .. }, Some(dy)) if acc => drawn(dx.len(), key, first, |at, normals| {
            let (dx, dy) = (&mut dx[at..][..normals.len()], &dy[at..][..normals.len()]);
            for ((dx, &dy), &n) in dx.iter_mut().zip(dy).zip(normals) {
                *dx += dy * stddev.mul_add(n, 1.0);
            }
        }),
        (Noise::Multiplied { .. }, dy) => forward(dx, dy, noise, key, first),
    }
}

/// Hands out the normal numbers of the indices from `first` on, some at a time, with their place among `len`.
#[inline(always)]
fn drawn(len: usize, key: Key, first: u64, mut take: impl FnMut(usize, &[f32])) {
    let mut at = 0;
    while at < len {
        let index = first.wrapping_add(at as u64);
        let skip = (index % GROUP as u64) as usize;
        let count = (GROUP - skip).min(len - at);
        let words = group(key, index / GROUP as u64);
        let mut normals = [[0.0; GROUP / 4]; 4];
        for pair in 0..2 {
            for i in 0..GROUP / 4 {
                let radius = (-2.0 * ln(1.0 - from_bits(words[2 * pair][i]))).sqrt();
                let (sine, cosine) = turn(from_bits(words[2 * pair + 1][i]));
                normals[2 * pair][i] = radius * cosine;
                normals[2 * pair + 1][i] = radius * sine;
            }
        }
        take(at, &normals.as_flattened()[skip..][..count]);
        at += count;
    }
}
