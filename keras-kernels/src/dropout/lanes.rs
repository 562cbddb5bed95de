//! Dropout in lanes.

use super::Key;
use crate::philox::{MULTIPLIERS, WEYL, from_bits};

/// Blocks that are drawn together.
const BLOCKS: usize = 16;

/// Indices whose random bits are drawn together: the four words of these blocks.
const GROUP: usize = 4 * BLOCKS;

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
        let bits = &bits.as_flattened()[skip..][..len];
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

/// The random bits of the indices `64 · group` and on.
#[inline(always)]
fn group(key: Key, group: u64) -> [[u32; BLOCKS]; 4] {
    let [low, high, step, stream] = key.counter(group.wrapping_mul(BLOCKS as u64));
    // A group's blocks begin at a multiple of 16: only the lowest word differs.
    let mut words = [[0; BLOCKS], [high; BLOCKS], [step; BLOCKS], [stream; BLOCKS]];
    for i in 0..BLOCKS {
        words[0][i] = low + i as u32;
    }
    let [mut k, mut l] = key.cipher();
    for _ in 0..10 {
        let mut next = [[0; BLOCKS]; 4];
        for i in 0..BLOCKS {
            let p = u64::from(MULTIPLIERS[0]) * u64::from(words[0][i]);
            let q = u64::from(MULTIPLIERS[1]) * u64::from(words[2][i]);
            next[0][i] = (q >> 32) as u32 ^ words[1][i] ^ k;
            next[1][i] = q as u32;
            next[2][i] = (p >> 32) as u32 ^ words[3][i] ^ l;
            next[3][i] = p as u32;
        }
        words = next;
        k = k.wrapping_add(WEYL[0]);
        l = l.wrapping_add(WEYL[1]);
    }
    words
}
