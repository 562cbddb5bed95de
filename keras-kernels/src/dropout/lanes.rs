//! Dropout in lanes.

use super::Key;
use crate::philox::{GROUP, from_bits, group};

/// As [`super::backward`], and as the forward pass, which is the same product with the mask; the lengths have been
/// checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, rate: f32, key: Key, first: u64, acc: bool) {
    let scale = 1.0 / (1.0 - rate);
    let mut at = 0;
    while at < dx.len() {
        let index = first.wrapping_add(at as u64);
        let skip = (index % GROUP as u64) as usize;
        let bits = group(key, index / GROUP as u64);
        let len = (GROUP - skip).min(dx.len() - at);
        let dx = &mut dx[at..][..len];
        if let (Some(dy), false) = (dy, acc) {
            dx.copy_from_slice(&dy[at..][..len]);
        }
        let bits = bits.as_flattened();
        if let (Some(whole), false) = (dx.first_chunk_mut(), acc) {
            keep(whole, bits.first_chunk().expect("a group"), rate, scale);
            at += len;
            continue;
        }
        let bits = &bits[skip..][..len];
        match dy {
            Some(dy) if acc => {
                for ((dx, &dy), &bits) in dx.iter_mut().zip(&dy[at..][..len]).zip(bits) {
                    *dx += if from_bits(bits) >= rate { dy * scale } else { 0.0 };
                }
            }
            _ => {
                for (dx, &bits) in dx.iter_mut().zip(bits) {
                    *dx = if from_bits(bits) >= rate { *dx * scale } else { 0.0 };
                }
            }
        }
        at += len;
    }
}

/// A whole group, in place.
#[inline(always)]
fn keep(dx: &mut [f32; GROUP], bits: &[u32; GROUP], rate: f32, scale: f32) {
    for i in 0..GROUP {
        dx[i] = if from_bits(bits[i]) >= rate { dx[i] * scale } else { 0.0 };
    }
}
