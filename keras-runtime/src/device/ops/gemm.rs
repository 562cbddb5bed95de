//! What matrix products have in common: grids of tiles, and sums in parts.

use super::put;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::device::reference::Memory;

/// Rows and columns of C that a block computes.
pub(super) const TILE: usize = 64;

/// Threads of a block: each has 4 × 4 elements.
pub(super) const THREADS: u32 = 256;

/// A launch of a product with `m` rows and `n` columns, `times` of them side by side.
pub(super) fn product(file: &'static str, name: &'static str, [m, n]: [usize; 2], times: usize) -> Launch {
    Launch::new(file, name).grid([m.div_ceil(TILE), n.div_ceil(TILE), times], THREADS)
}

/// How many blocks keep a large GPU busy.
const BLOCKS: usize = 256;

/// The fewest terms of a sum that are worth a part of their own.
const TERMS: usize = 512;

/// A sum over rows that may be added up in parts.
pub(super) struct Parts {
    /// How many parts there are.
    pub(super) count: usize,
    /// Rows of a part; the last may have fewer.
    pub(super) share: usize,
}

impl Parts {
    /// Parts of a sum over so many rows, each of so many terms, which takes so many blocks if it is not divided.
    pub(super) fn new(blocks: usize, rows: usize, terms: usize) -> Parts {
        let most = rows.div_ceil(TERMS.div_ceil(terms.max(1)));
        let share = rows.div_ceil((BLOCKS / blocks.max(1)).clamp(1, most.max(1)));
        Parts { count: rows.div_ceil(share.max(1)).max(1), share }
    }

    /// Parts of a product of `m` rows and `n` columns, `times` of them side by side.
    pub(super) fn of_product([m, n]: [usize; 2], times: usize, rows: usize, terms: usize) -> Parts {
        Parts::new(m.div_ceil(TILE) * n.div_ceil(TILE) * times, rows, terms)
    }
}

/// Launches a sum in parts. `launch` makes the launch that adds them up, given where they go and whether they are added to what is
/// there; `part` is what it means for the rows from one to another.
pub(super) fn in_parts(
    site: &mut Site<'_, '_>,
    (to, acc): (Span, bool),
    rows: usize,
    parts: Parts,
    launch: impl Fn(Span, bool) -> Launch,
    part: impl Fn(&Memory, &mut [f32], [usize; 2]) + Send + Sync + 'static,
) {
    let Parts { count, share } = parts;
    if count == 1 {
        site.launch(launch(to, acc).means(move |memory| {
            let mut sum = vec![0.0; to.len];
            part(memory, &mut sum, [0, rows]);
            put(memory.f32_mut(to), &sum, acc);
        }));
        return;
    }
    let all = site.b.buffer(count * to.len);
    site.launch(launch(all, false).means(move |memory| {
        let mut sums = vec![0.0; all.len];
        for (i, sum) in sums.chunks_exact_mut(to.len.max(1)).enumerate() {
            part(memory, sum, [i * share, rows.min((i + 1) * share)]);
        }
        memory.f32_mut(all).copy_from_slice(&sums);
    }));
    let launch = Launch::new("parts", "parts_sum").over(to.len).of([acc]).out(to).reads(all).int(to.len);
    site.launch(launch.int(count).means(move |memory| {
        let all = memory.f32(all);
        let mut sum = vec![0.0; to.len];
        for part in all.chunks_exact(to.len.max(1)) {
            put(&mut sum, part, true);
        }
        put(memory.f32_mut(to), &sum, acc);
    }));
}
