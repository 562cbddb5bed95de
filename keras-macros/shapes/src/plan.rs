//! Where each buffer lies in a model's workspace.
//!
//! Buffers are measured in floats per sample. Offsets are multiples of [`LINE`], so that every buffer begins on a cache
//! line whatever the batch: buffer `i` of a batch of `n` begins at `offset * n`.

use crate::windows::Geometry;
pub use crate::windows::{conv_scratch, pooled_scratch};

/// Floats in a cache line of 64 bytes.
pub const LINE: usize = 16;

/// How long a buffer is and when it is in use.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// Floats per sample.
    pub len: usize,
    /// The first step that writes it.
    pub from: usize,
    /// The last step that reads it.
    pub to: usize,
}

impl Life {
    /// A buffer of `len` floats per sample, in use in the steps `from..=to`.
    #[must_use]
    pub const fn new(len: usize, from: usize, to: usize) -> Life {
        Life { len, from, to }
    }

    const fn size(&self) -> usize {
        self.len.div_ceil(LINE) * LINE
    }

    const fn meets(&self, other: &Life) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// The offset of every buffer, in floats per sample; two buffers share memory only when their lives do not meet.
///
/// Buffers are placed in the order given, each at the lowest offset that is free for its whole life.
///
/// ```
/// use keras_shapes::plan::{Life, offsets, total};
/// const LIVES: [Life; 3] = [Life::new(64, 0, 1), Life::new(10, 1, 2), Life::new(64, 2, 3)];
/// const AT: [usize; 3] = offsets(&LIVES);
/// assert_eq!(AT, [0, 64, 0]);
/// assert_eq!(total(&LIVES, &AT), 80);
/// ```
#[must_use]
pub const fn offsets<const N: usize>(lives: &[Life; N]) -> [usize; N] {
    let (mut at, mut order) = ([0; N], [0; N]);
    place(lives, &mut at, &mut order);
    at
}

/// Works out the offsets of [`offsets`] into `at`; `order` is room for the buffers' indices. All three are of one length.
pub const fn place(lives: &[Life], at: &mut [usize], order: &mut [usize]) {
    let mut i = 0;
    while i < lives.len() {
        let size = lives[i].size();
        // `order` has the buffers placed so far by offset, so one pass over those in the way finds the lowest gap.
        let mut start = 0;
        let mut j = 0;
        while j < i {
            let other = order[j];
            if lives[other].meets(&lives[i]) {
                if at[other] >= start + size {
                    break;
                }
                let end = at[other] + lives[other].size();
                if end > start {
                    start = end;
                }
            }
            j += 1;
        }
        at[i] = start;
        let mut slot = i;
        while slot > 0 && at[order[slot - 1]] > start {
            order[slot] = order[slot - 1];
            slot -= 1;
        }
        order[slot] = i;
        i += 1;
    }
}

/// Where each of some arrays begins that lie one behind the other.
///
/// ```
/// assert_eq!(keras_shapes::plan::behind(&[64, 10, 3]), [0, 64, 74]);
/// ```
#[must_use]
pub const fn behind<const N: usize>(lens: &[usize; N]) -> [usize; N] {
    let mut at = [0; N];
    let mut i = 1;
    while i < N {
        at[i] = at[i - 1] + lens[i - 1];
        i += 1;
    }
    at
}

/// Floats per sample that the planned buffers take together.
#[must_use]
pub const fn total(lives: &[Life], at: &[usize]) -> usize {
    let mut total = 0;
    let mut i = 0;
    while i < lives.len() {
        let end = at[i] + lives[i].size();
        if end > total {
            total = end;
        }
        i += 1;
    }
    total
}

/// Floats of scratch that each thread needs for the matrix products of a `k × n` layer: for a packed panel of its kernel,
/// or of the transposed one, or for finished tiles of its gradient. Layers of 1024 features and more get room for copies of
/// blocks too, 640 KB, which is little beside their weights.
#[must_use]
pub const fn dense_scratch(k: usize, n: usize) -> usize {
    let depth = if k > n { k } else { n };
    let depth = if depth < 512 { depth } else { 512 };
    let panels = if k >= 1024 && n >= 256 || n >= 1024 && k >= 256 { 6 } else { 1 };
    depth * 64 * panels
}

/// Floats of a ternary kernel that a product makes at once, at the most: they stay in the second-level cache.
pub const TERNARY_PANEL: usize = 1 << 16;

/// Floats of the panels of a `k × n` ternary kernel: all of it, if it is small.
#[must_use]
pub const fn ternary_panel(k: usize, n: usize) -> usize {
    let all = k.saturating_mul(n);
    if all < TERNARY_PANEL { all.next_multiple_of(LINE) } else { TERNARY_PANEL }
}

/// Floats of scratch that each thread needs for a layer whose `k × n` kernel is ternary: for a panel of it, and for the
/// products.
#[must_use]
pub const fn ternary_scratch(k: usize, n: usize) -> usize {
    ternary_panel(k, n) + dense_scratch(k, n)
}

/// Floats of scratch that a normalization of groups of channels over several positions needs: four for each channel.
#[must_use]
pub const fn normalization_scratch(positions: usize, channels: usize) -> usize {
    if positions == 1 { 0 } else { 4 * channels }
}

/// Floats of scratch that batch normalization needs: four for each channel.
#[must_use]
pub const fn batch_normalization_scratch(channels: usize) -> usize {
    4 * channels
}

/// Floats of scratch that each thread needs for a recurrent layer of `u` units that takes `k` features, with kernels of `n`
/// columns: for its products, and for the transpose of its recurrent kernel.
#[must_use]
pub const fn recurrent_scratch(k: usize, u: usize, n: usize) -> usize {
    max(dense_scratch(k, n), dense_scratch(u, n) + u * n)
}

/// The same where a mask may leave out steps: the transpose of the kernel has room there, too.
#[must_use]
pub const fn masked_recurrent_scratch(k: usize, u: usize, n: usize) -> usize {
    max(dense_scratch(k, n) + k * n, recurrent_scratch(k, u, n))
}

/// Floats of scratch that each thread needs for a recurrent layer whose products are convolutions, of its input and of its
/// state.
#[must_use]
pub const fn conv_recurrent_scratch(input: &Geometry, state: &Geometry) -> usize {
    max(conv_scratch(input), conv_scratch(state))
}

/// Floats of scratch that attention needs: some queries of a head, all of its keys and values, their gradients, and the
/// weights of these queries.
#[must_use]
pub const fn attention_scratch(keys: usize, depth: usize, width: usize) -> usize {
    let most = max(max(depth, width), max(keys, 64));
    2 * keys * (depth + width) + 64 * (2 * depth + width) + 3 * 64 * keys + dense_scratch(most, 64)
}

/// The larger of two sizes.
#[must_use]
pub const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// The largest of some sizes; 0 of none.
#[must_use]
pub const fn most(sizes: &[usize]) -> usize {
    let (mut most, mut i) = (0, 0);
    while i < sizes.len() {
        most = max(most, sizes[i]);
        i += 1;
    }
    most
}
