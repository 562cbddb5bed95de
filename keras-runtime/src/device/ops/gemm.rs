//! What matrix products have in common: tiles, and sums in parts.

use std::fmt;

use keras_kernels::activation::Act;
use keras_kernels::dense;

use super::put;
use crate::device::builder::{Builder, Site};
use crate::device::elementwise::{Chain, Index};
use crate::device::launch::Launch;
use crate::device::math::Math;
use crate::device::memory::Span;
use crate::device::product::Transposed;
use crate::device::reference::Memory;

/// Threads of a block that computes a tile.
pub(super) const THREADS: u32 = 256;

/// How the tiles of a product are computed: a type of `gemm.cuh`.
#[derive(Clone, Copy)]
pub(in crate::device) struct Tile {
    /// What is multiplied.
    pub(in crate::device) math: Math,
    /// Whether tiles are large.
    pub(in crate::device) is_large: bool,
}

impl Tile {
    /// Rows and columns of a small tile and of a large one.
    const SIDES: [usize; 2] = [64, 128];

    /// How many large tiles a product must have: as many as keep a large GPU busy with a block on each multiprocessor, of which
    /// there are 132 on a H100.
    const MANY: usize = 128;

    /// Tiles of products of `m` rows and `n` columns, `times` of them side by side.
    pub(in crate::device) fn new(math: Math, [m, n]: [usize; 2], times: usize) -> Tile {
        let [small, _] = Tile::SIDES;
        let large = Tile { math, is_large: true };
        let is_large = math != Math::Float32 && m.min(n) > small && large.count([m, n], times) >= Tile::MANY;
        Tile { math, is_large }
    }

    /// The same where a sum over rows, each of so many terms, may be added up in parts.
    pub(super) fn in_parts(math: Math, sizes: [usize; 2], times: usize, rows: usize, terms: usize) -> Tile {
        Tile::new(math, sizes, times * most_parts(rows, terms))
    }

    /// Rows and columns of a tile.
    pub(super) fn side(self) -> usize {
        Tile::SIDES[usize::from(self.is_large)]
    }

    /// How many tiles there are.
    fn count(self, [m, n]: [usize; 2], times: usize) -> usize {
        m.div_ceil(self.side()) * n.div_ceil(self.side()) * times
    }

    /// A launch of a product with `m` rows and `n` columns, `times` of them side by side. The tile is the last of the kernel's constants.
    pub(super) fn launch(self, file: &'static str, name: &'static str, [m, n]: [usize; 2], times: usize) -> Launch {
        Launch::new(file, name).grid([m.div_ceil(self.side()), n.div_ceil(self.side()), times], THREADS)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}<{}>", if self.is_large { "Large" } else { "Small" }, self.math.word())
    }
}

/// How many blocks keep a large GPU busy.
const BLOCKS: usize = 256;

/// The fewest terms of a sum that are worth a part of their own.
const TERMS: usize = 512;

/// Into how many parts a sum over so many rows, each of so many terms, may be divided.
fn most_parts(rows: usize, terms: usize) -> usize {
    rows.div_ceil(TERMS.div_ceil(terms.max(1))).max(1)
}

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
        let share = rows.div_ceil((BLOCKS / blocks.max(1)).clamp(1, most_parts(rows, terms)));
        Parts { count: rows.div_ceil(share.max(1)).max(1), share }
    }

    /// Parts of the `k` terms of each sum of a product of `m` rows and `n` columns, whose tiles may be too few to keep a GPU busy.
    ///
    /// A block waits for memory once for some terms, so that a few of them are worth a part; what parts take besides is one number for
    /// each of so many terms.
    pub(super) fn of_terms(tile: Tile, sizes: [usize; 2], k: usize) -> Parts {
        const LEAST: usize = 64;
        let count = (BLOCKS / tile.count(sizes, 1).max(1)).clamp(1, (k / LEAST).max(1));
        // Whole steps of the sum, so that rows of a factor begin where four can be read at once.
        let share = if count == 1 { k.max(1) } else { k.div_ceil(count).next_multiple_of(LEAST / 2) };
        Parts { count: k.div_ceil(share).max(1), share }
    }

    /// The terms of each part, from one to another, of so many.
    pub(super) fn terms(&self, k: usize) -> impl Iterator<Item = [usize; 2]> + use<> {
        let share = self.share;
        (0..self.count).map(move |part| [part * share, k.min((part + 1) * share)])
    }

    /// Parts of a product in these tiles, of `m` rows and `n` columns, `times` of them side by side.
    pub(super) fn of_product(tile: Tile, sizes: [usize; 2], times: usize, rows: usize, terms: usize) -> Parts {
        Parts::new(tile.count(sizes, times), rows, terms)
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
    site.launch(Chain::giving(to, acc, |chain| chain.read_by(all, Index::Parts(count))));
}

/// Some columns of a matrix: from column `at` on, of lines of `line` floats.
#[derive(Clone, Copy, Debug)]
pub(in crate::device) struct Part {
    pub(in crate::device) span: Span,
    pub(in crate::device) at: usize,
    pub(in crate::device) line: usize,
}

impl Part {
    fn begin(self) -> Span {
        Span { at: self.span.at + self.at, len: self.span.len.saturating_sub(self.at), ..self.span }
    }

    /// The first `columns` of them, of so many lines, side by side; or their transpose.
    fn of(self, all: &[f32], [lines, columns]: [usize; 2], is_transposed: bool) -> Vec<f32> {
        let element = |line: usize, column: usize| all[self.at + line * self.line + column];
        if is_transposed {
            return (0..columns).flat_map(|column| (0..lines).map(move |line| element(line, column))).collect();
        }
        (0..lines).flat_map(|line| (0..columns).map(move |column| element(line, column))).collect()
    }
}

/// A launch of a product of parts of matrices, with `[rows, columns, depth]`: C, or what is added to it, plus a row of `bias`.
pub(in crate::device) fn multiply(
    b: &Builder<'_>,
    (c, acc): (Part, bool),
    [left, right]: [Part; 2],
    transposed: Transposed,
    bias: Option<Span>,
    sizes: [usize; 3],
) -> Launch {
    let tile = Tile::new(b.math([left.span, right.span]), [sizes[0], sizes[1]], 1);
    multiply_as(tile, (c, acc), [left, right], transposed, bias, sizes)
}

/// The same in tiles that are given.
pub(in crate::device) fn multiply_as(
    tile: Tile,
    (c, acc): (Part, bool),
    [left, right]: [Part; 2],
    transposed: Transposed,
    bias: Option<Span>,
    [rows, columns, depth]: [usize; 3],
) -> Launch {
    let (first, second) = (transposed == Transposed::First, transposed == Transposed::Second);
    let lies = [if first { "ALONG_TILE" } else { "ALONG_SUM" }, if second { "ALONG_SUM" } else { "ALONG_TILE" }];
    let (to, math) = (c.begin(), tile.math);
    let launch = tile.launch("gemm_part", "gemm_part", [rows, columns], 1).of(lies).of([acc]).of([tile]);
    let launch = launch.out(to).int(c.line).reads(left.begin()).int(left.line).reads(right.begin()).int(right.line);
    launch.reads_if(bias).int(rows).int(columns).int(depth).means(move |memory| {
        let [a, b] = math.factors(memory, [left.span, right.span]);
        let a = left.of(&a, if first { [depth, rows] } else { [rows, depth] }, first);
        let b = right.of(&b, if second { [columns, depth] } else { [depth, columns] }, second);
        let (bias, mut all) = (memory.f32_if(bias), vec![0.0; rows * columns]);
        dense::scalar::forward(&mut all, &a, &b, bias.as_deref(), Act::Linear, rows, depth, columns);
        let to = memory.f32_mut(to);
        for (row, all) in all.chunks_exact(columns).enumerate() {
            put(&mut to[row * c.line..][..columns], all, acc);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_large_where_there_are_many() {
        let is_large = |math, sizes, times| Tile::new(math, sizes, times).is_large;
        assert!(is_large(Math::Bfloat16, [4096, 4096], 1) && is_large(Math::TensorFloat32, [1025, 2049], 1));
        assert!(is_large(Math::Float16, [128, 128], 128) && !is_large(Math::Float16, [128, 128], 127));
        assert!(!is_large(Math::Float32, [4096, 4096], 1), "there are none in f32");
        assert!(!is_large(Math::Bfloat16, [1 << 20, 64], 1), "half of each would stand empty");
        // In parts of a sum there are more.
        let sizes = [1024, 1024];
        let tile = Tile::in_parts(Math::Bfloat16, sizes, 1, 65_536, 1);
        let Parts { count, share } = Parts::of_product(tile, sizes, 1, 65_536, 1);
        assert_eq!((tile.to_string(), count, share), ("Large<BFLOAT16>".into(), 4, 16_384));
        assert_eq!(Tile::in_parts(Math::Bfloat16, sizes, 1, 512, 1).to_string(), "Small<BFLOAT16>");
    }

    #[test]
    fn sums_of_few_tiles_are_divided() {
        let parts = |sizes, k| {
            let parts = Parts::of_terms(Tile::new(Math::Float32, sizes, 1), sizes, k);
            (parts.count, parts.share, parts.terms(k).last())
        };
        assert_eq!(parts([32, 64], 784), (9, 96, Some([768, 784])));
        assert_eq!(parts([128, 512], 784), (9, 96, Some([768, 784])));
        assert_eq!(parts([1024, 512], 784), (2, 416, Some([416, 784])));
        assert_eq!(parts([4096, 4096], 4096), (1, 4096, Some([0, 4096])));
        assert_eq!(parts([32, 10], 64), (1, 64, Some([0, 64])));
        assert_eq!(parts([1, 1], 1), (1, 1, Some([0, 1])));
    }
}
