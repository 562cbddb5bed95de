//! Where buffers lie in a workspace, and how much memory that takes.

use keras_shapes::plan::LINE;

/// Where a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The part of a workspace that is read again over the whole batch, by the phase of the weight gradients or by the
    /// loss.
    Kept,
    /// The part of a workspace that only the chain of ops of its own row reads.
    Temp,
    /// The inputs of the model: the offset of a buffer is the index of an input.
    Input,
}

/// A buffer: some floats for each row.
// It is two words, so that a call has it in registers. Generated code has thousands of such arguments, and those that
// pass through memory take most of the time that it needs to compile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Buf {
    /// The offset, and the area in the two highest bits.
    place: usize,
    len: usize,
}

const AREA: u32 = usize::BITS - 2;

impl Buf {
    /// No floats at all.
    pub const EMPTY: Buf = Buf::kept(0, 0);

    /// A buffer of `len` floats per row, at an offset of `at` floats per row, a multiple of [`LINE`].
    ///
    /// # Panics
    /// If the offset does not fit into memory.
    #[inline]
    #[must_use]
    pub const fn new(area: Area, at: usize, len: usize) -> Buf {
        assert!(at >> AREA == 0, "a buffer beyond the end of memory");
        Buf { place: (area as usize) << AREA | at, len }
    }

    /// A buffer in the kept area.
    #[inline]
    #[must_use]
    pub const fn kept(at: usize, len: usize) -> Buf {
        Buf::new(Area::Kept, at, len)
    }

    /// A buffer in the temporary area.
    #[inline]
    #[must_use]
    pub const fn temp(at: usize, len: usize) -> Buf {
        Buf::new(Area::Temp, at, len)
    }

    /// Input `i` of the model, of `len` floats for each row.
    #[inline]
    #[must_use]
    pub const fn input(i: usize, len: usize) -> Buf {
        Buf::new(Area::Input, i, len)
    }

    /// Where it lies.
    #[inline]
    #[must_use]
    pub const fn area(self) -> Area {
        match self.place >> AREA {
            0 => Area::Kept,
            1 => Area::Temp,
            _ => Area::Input,
        }
    }

    /// Offset within the area, in floats per row; the index of an input.
    #[inline]
    #[must_use]
    pub const fn at(self) -> usize {
        self.place & (usize::MAX >> 2)
    }

    /// Floats per row.
    #[inline]
    #[must_use]
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether it has none.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Whether it shares no float of any row with another buffer.
    pub(super) fn is_apart(self, other: Buf) -> bool {
        let (a, b) = (self.at(), other.at());
        self.area() != other.area() || a + self.len <= b || b + other.len <= a
    }

    /// Whether it ends within an area of this many floats per row. It cannot wrap.
    pub(super) const fn is_within(self, area: usize) -> bool {
        self.len <= area && self.at() <= area - self.len
    }
}

impl core::fmt::Debug for Buf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Buf").field("area", &self.area()).field("at", &self.at()).field("len", &self.len).finish()
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
