//! Where each buffer lies in a model's workspace.
//!
//! Buffers are measured in floats per sample. Offsets are multiples of [`LINE`], so that every buffer begins on a cache
//! line whatever the batch: buffer `i` of a batch of `n` begins at `offset * n`.

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
    let mut at = [0; N];
    let mut i = 0;
    while i < N {
        at[i] = lowest(lives, &at, i);
        i += 1;
    }
    at
}

/// The offset of buffer `i`, those before it being placed.
#[must_use]
pub const fn lowest(lives: &[Life], at: &[usize], i: usize) -> usize {
    let size = lives[i].size();
    let mut start = 0;
    loop {
        // The end of the lowest buffer in the way; there the search goes on.
        let mut next = usize::MAX;
        let mut j = 0;
        while j < i {
            let end = at[j] + lives[j].size();
            if lives[j].meets(&lives[i]) && at[j] < start + size && start < end && end < next {
                next = end;
            }
            j += 1;
        }
        if next == usize::MAX {
            return start;
        }
        start = next;
    }
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
/// or of the transposed one, or for finished tiles of its gradient.
#[must_use]
pub const fn dense_scratch(k: usize, n: usize) -> usize {
    let depth = if k > n { k } else { n };
    let depth = if depth < 512 { depth } else { 512 };
    depth * 64
}

/// The larger of two sizes.
#[must_use]
pub const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
