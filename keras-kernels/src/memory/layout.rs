//! Where buffers lie in a workspace, and how much memory that takes.

use keras_shapes::plan::LINE;

/// Which area of a workspace a buffer lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Read again over the whole batch, by the phase of the weight gradients or by the loss.
    Kept,
    /// Read only by the chain of ops of its own row.
    Temp,
}

/// A planned buffer: `len` floats for each row, at an offset in floats per row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buf {
    /// Where it lies.
    pub area: Area,
    /// Offset within the area, in floats per row, a multiple of [`LINE`].
    pub at: usize,
    /// Floats per row.
    pub len: usize,
}

impl Buf {
    /// A buffer in the kept area.
    #[must_use]
    pub const fn kept(at: usize, len: usize) -> Buf {
        Buf { area: Area::Kept, at, len }
    }

    /// A buffer in the temporary area.
    #[must_use]
    pub const fn temp(at: usize, len: usize) -> Buf {
        Buf { area: Area::Temp, at, len }
    }
}

impl Buf {
    /// Whether it shares no float of any row with another buffer.
    pub(super) fn is_apart(self, other: Buf) -> bool {
        self.area != other.area || self.at + self.len <= other.at || other.at + other.len <= self.at
    }

    /// Whether it ends within an area of this many floats per row. It cannot wrap.
    pub(super) const fn is_within(self, area: usize) -> bool {
        self.len <= area && self.at <= area - self.len
    }
}

/// How much memory a plan needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Floats per row in the kept area, a multiple of [`LINE`].
    pub kept: usize,
    /// Floats per row in the temporary area, a multiple of [`LINE`].
    pub temp: usize,
    /// Floats of scratch for each thread.
    pub scratch: usize,
}

impl Layout {
    /// Floats for a batch of `n` rows worked on by `threads` threads.
    ///
    /// # Panics
    /// If there are more than an address can count.
    #[must_use]
    pub const fn floats(&self, n: usize, threads: usize) -> usize {
        let scratch = match self.scratch.checked_next_multiple_of(LINE) {
            Some(scratch) => scratch.checked_mul(threads),
            None => None,
        };
        let rows = match self.kept.checked_add(self.temp) {
            Some(row) => row.checked_mul(n),
            None => None,
        };
        match (rows, scratch) {
            (Some(rows), Some(scratch)) => match rows.checked_add(scratch) {
                Some(floats) => floats,
                None => panic!("a batch that is larger than memory"),
            },
            _ => panic!("a batch that is larger than memory"),
        }
    }
}
