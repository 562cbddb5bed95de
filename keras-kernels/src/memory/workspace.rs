//! The memory of one step: activations, their gradients, scratch.
//!
//! One allocation holds three areas, in this order, for a batch of `n` rows and `t` threads:
//!
//! | area | floats | what lies there |
//! |---|---|---|
//! | kept | `layout.kept · n` | what the phase of the weight gradients reads, over the whole batch: row `r` of a buffer lies behind row `r - 1`, whatever the threads |
//! | temp | `layout.temp · n` | what one row's own chain of ops reads and no one else: each thread has a segment of its own, in which buffers of different lives share memory |
//! | scratch | `layout.scratch · t` | packed operands and the like, within one kernel |

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Range;

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
    /// Whether it ends within an area of this many floats per row. It cannot wrap.
    const fn is_within(self, area: usize) -> bool {
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

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use super::{LINE, Layout, Values};

    #[derive(Clone, Copy)]
    #[repr(C, align(64))]
    struct Line([f32; LINE]);

    /// Memory for steps, on the heap, taken once and grown only when a larger batch comes.
    ///
    /// ```
    /// use keras_kernels::memory::{Buf, Layout, Workspace};
    /// const H: Buf = Buf::kept(0, 3);
    /// let mut workspace = Workspace::new();
    /// let mut values = workspace.batch(Layout { kept: 16, temp: 0, scratch: 0 }, 2, 1);
    /// values.rows().step([H], []).0[0].copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    /// assert_eq!(values.get(H)[3..], [4.0, 5.0, 6.0]);
    /// ```
    #[derive(Default)]
    pub struct Workspace {
        lines: Vec<Line>,
    }

    impl Workspace {
        /// An empty one; the first batch allocates.
        #[must_use]
        pub const fn new() -> Workspace {
            Workspace { lines: Vec::new() }
        }

        /// The memory for a batch of `n` rows. What it holds from earlier batches is left in it.
        pub fn batch(&mut self, layout: Layout, n: usize, threads: usize) -> Values<'_> {
            let lines = layout.floats(n, threads).div_ceil(LINE);
            if self.lines.len() < lines {
                self.lines.resize(lines, Line([0.0; LINE]));
            }
            let len = self.lines.len() * LINE;
            // SAFETY: a `Line` is 16 floats without padding (16 · 4 bytes are its alignment), so the vector's elements
            // are `len` floats in a row; they stay borrowed for the life of the slice.
            let floats = unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast::<f32>(), len) };
            Values::new(floats, layout, n, threads)
        }

        /// Bytes that it holds now.
        #[must_use]
        pub fn bytes(&self) -> usize {
            self.lines.len() * size_of::<Line>()
        }
    }

    impl core::fmt::Debug for Workspace {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.debug_struct("Workspace").field("bytes", &self.bytes()).finish()
        }
    }
}

#[cfg(feature = "alloc")]
pub use heap::Workspace;

/// The memory of one batch.
pub struct Values<'a> {
    base: *mut f32,
    layout: Layout,
    n: usize,
    threads: usize,
    memory: PhantomData<&'a mut [f32]>,
}

// SAFETY: it stands for the exclusive borrow of a slice of floats; all access to it is through `&self` for reading or
// `&mut self` for writing.
unsafe impl Send for Values<'_> {}
// SAFETY: as above; `&Values` only reads.
unsafe impl Sync for Values<'_> {}

impl<'a> Values<'a> {
    /// The memory of a batch of `n` rows, in a slice of the caller's (a static, where there is no heap).
    ///
    /// # Panics
    /// If the slice is shorter than `layout.floats(n, threads)`.
    #[must_use]
    pub fn new(memory: &'a mut [f32], layout: Layout, n: usize, threads: usize) -> Values<'a> {
        let floats = layout.floats(n, threads);
        assert!(memory.len() >= floats, "a workspace of {} floats for a plan that needs {floats}", memory.len());
        Values { base: memory.as_mut_ptr(), layout, n, threads, memory: PhantomData }
    }

    /// How many rows the batch has.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The plan's memory.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// A kept buffer over the whole batch.
    ///
    /// # Panics
    /// If the buffer is not of this plan's kept area.
    #[must_use]
    pub fn get(&self, buf: Buf) -> &[f32] {
        let Range { start, end } = self.kept(buf);
        // SAFETY: `kept` checked that the range lies inside the borrowed memory; `&self` keeps writers away.
        unsafe { core::slice::from_raw_parts(self.base.add(start), end - start) }
    }

    /// A kept buffer over the whole batch, to be written.
    ///
    /// # Panics
    /// If the buffer is not of this plan's kept area.
    #[inline]
    pub fn get_mut(&mut self, buf: Buf) -> &mut [f32] {
        let Range { start, end } = self.kept(buf);
        // SAFETY: as in `get`, and `&mut self` makes it the only access.
        unsafe { core::slice::from_raw_parts_mut(self.base.add(start), end - start) }
    }

    fn kept(&self, buf: Buf) -> Range<usize> {
        assert!(buf.area == Area::Kept && buf.is_within(self.layout.kept), "{buf:?} is not kept in this plan");
        let start = buf.at * self.n;
        start..start + buf.len * self.n
    }

    /// All rows, for one thread.
    #[inline]
    pub fn rows(&mut self) -> Rows<'_> {
        assert!(self.threads > 0, "a workspace for no thread");
        Rows {
            base: self.base,
            layout: self.layout,
            n: self.n,
            first: 0,
            count: self.n,
            scratch: (self.layout.kept + self.layout.temp) * self.n,
            memory: PhantomData,
        }
    }

    /// The whole batch for reading, with scratch, for one thread.
    #[inline]
    pub fn whole(&mut self) -> Whole<'_> {
        assert!(self.threads > 0, "a workspace for no thread");
        Whole { scratch: (self.layout.kept + self.layout.temp) * self.n, values: self }
    }
}

/// The kept buffers of a whole batch, for reading, with the scratch of the thread that works on them.
pub struct Whole<'a> {
    values: &'a Values<'a>,
    scratch: usize,
}

impl Whole<'_> {
    /// How many rows the batch has.
    #[inline]
    #[must_use]
    pub fn n(&self) -> usize {
        self.values.n
    }

    /// The kept buffers that one op reads, over the whole batch, and scratch.
    ///
    /// # Panics
    /// If a buffer is not of this plan's kept area.
    #[inline(never)]
    pub fn step<const I: usize>(&mut self, ins: [Buf; I]) -> ([&[f32]; I], &mut [f32]) {
        // SAFETY: the scratch lies behind both areas, inside the memory that `Values` borrows exclusively; this object
        // was made from `&mut Values` and is the only one with this scratch, and `&mut self` keeps other calls away.
        let scratch =
            unsafe { core::slice::from_raw_parts_mut(self.values.base.add(self.scratch), self.values.layout.scratch) };
        let mut read: [&[f32]; I] = [&[]; I];
        for (slice, buf) in read.iter_mut().zip(ins) {
            *slice = self.values.get(buf);
        }
        (read, scratch)
    }
}

/// Some rows of a batch, with the scratch of the thread that works on them.
pub struct Rows<'a> {
    base: *mut f32,
    layout: Layout,
    n: usize,
    first: usize,
    count: usize,
    scratch: usize,
    memory: PhantomData<&'a mut [f32]>,
}

impl Rows<'_> {
    /// The index of the first row within the batch.
    #[inline]
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// How many rows there are.
    #[inline]
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many rows the whole batch has.
    #[inline]
    #[must_use]
    pub fn batch(&self) -> usize {
        self.n
    }

    /// The buffers of one op: those that it writes, those that it reads, and scratch.
    ///
    /// # Panics
    /// If a buffer that is written overlaps another one of the call, or one is not of this plan: a mistake in the code
    /// that was generated, never in its input.
    // Out of line: inlined into each of a model's calls it would be most of what the user's crate has to compile.
    #[inline(never)]
    #[allow(clippy::type_complexity)]
    pub fn step<const O: usize, const I: usize>(
        &mut self,
        outs: [Buf; O],
        ins: [Buf; I],
    ) -> ([&mut [f32]; O], [&[f32]; I], &mut [f32]) {
        // Loops and no `map`: an array's `map` is a page of code for each length, in the user's crate.
        for (i, &out) in outs.iter().enumerate() {
            let out = self.range(out);
            for &other in outs[i + 1..].iter().chain(&ins) {
                let other = self.range(other);
                assert!(out.end <= other.start || other.end <= out.start, "buffers of one op overlap");
            }
        }
        let mut written = [const { MaybeUninit::<&mut [f32]>::uninit() }; O];
        for (slice, &buf) in written.iter_mut().zip(&outs) {
            let Range { start, end } = self.range(buf);
            // SAFETY: `range` checked that the range lies in this object's rows of the borrowed memory; it is disjoint from
            // all others of the call (just checked) and from the scratch, which lies behind both areas. `&mut self` keeps
            // other calls away for the life of the slices, and no other `Rows` has these rows or this scratch.
            slice.write(unsafe { core::slice::from_raw_parts_mut(self.base.add(start), end - start) });
        }
        // SAFETY: the loop has written all `O` of them, and an array of `MaybeUninit` is laid out as the array itself.
        let written = unsafe { written.as_ptr().cast::<[&mut [f32]; O]>().read() };
        let mut read: [&[f32]; I] = [&[]; I];
        for (slice, &buf) in read.iter_mut().zip(&ins) {
            let Range { start, end } = self.range(buf);
            // SAFETY: as above; what is only read may be the same memory twice.
            *slice = unsafe { core::slice::from_raw_parts(self.base.add(start), end - start) };
        }
        // SAFETY: as above; the scratch lies behind both areas.
        let scratch = unsafe { core::slice::from_raw_parts_mut(self.base.add(self.scratch), self.layout.scratch) };
        (written, read, scratch)
    }

    fn range(&self, buf: Buf) -> Range<usize> {
        let area = if buf.area == Area::Kept { self.layout.kept } else { self.layout.temp };
        assert!(buf.is_within(area), "{buf:?} is not in this plan");
        let start = match buf.area {
            Area::Kept => buf.at * self.n + buf.len * self.first,
            Area::Temp => self.layout.kept * self.n + self.layout.temp * self.first + buf.at * self.count,
        };
        start..start + buf.len * self.count
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout { kept: 32, temp: 16, scratch: 5 };

    #[test]
    fn buffers_are_apart_and_aligned() {
        let mut workspace = Workspace::new();
        for n in [1, 3, 7] {
            let mut values = workspace.batch(LAYOUT, n, 1);
            let mut rows = values.rows();
            let ([a, b], [t], scratch) = rows.step([Buf::kept(0, 10), Buf::kept(16, 16)], [Buf::temp(0, 9)]);
            assert_eq!((a.len(), b.len(), t.len(), scratch.len()), (10 * n, 16 * n, 9 * n, 5));
            for p in [a.as_ptr(), b.as_ptr(), t.as_ptr(), scratch.as_ptr()] {
                assert_eq!(p.align_offset(64), 0);
            }
            a.fill(1.0);
            b.fill(2.0);
            assert!(values.get(Buf::kept(0, 10)).iter().all(|&v| v == 1.0));
        }
    }

    #[test]
    #[should_panic(expected = "overlap")]
    fn overlap_is_refused() {
        Workspace::new().batch(LAYOUT, 2, 1).rows().step([Buf::kept(0, 10)], [Buf::kept(0, 4)]);
    }

    #[test]
    #[should_panic(expected = "not in this plan")]
    fn an_offset_that_wraps_is_refused() {
        Workspace::new().batch(LAYOUT, 2, 1).rows().step([Buf::kept(usize::MAX, 1)], []);
    }

    #[test]
    #[should_panic(expected = "larger than memory")]
    fn a_batch_that_wraps_is_refused() {
        let _ = LAYOUT.floats(usize::MAX / 8, 1);
    }

    #[test]
    #[should_panic(expected = "not in this plan")]
    fn a_buffer_beyond_the_plan_is_refused() {
        Workspace::new().batch(LAYOUT, 2, 1).rows().step([Buf::temp(16, 1)], []);
    }
}
