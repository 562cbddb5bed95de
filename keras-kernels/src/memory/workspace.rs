//! The memory of one step: activations, their gradients, scratch.
//!
//! One allocation holds three areas, in this order, for a batch of `n` rows and `t` threads:
//!
//! | area | floats | what lies there |
//! |---|---|---|
//! | kept | `layout.kept · n` | what the phase of the weight gradients reads, over the whole batch: row `r` of a buffer lies behind row `r - 1`, whatever the threads |
//! | temp | `layout.temp · n` | what one row's own chain of ops reads and no one else: each thread has a segment of its own, in which buffers of different lives share memory |
//! | scratch | `layout.scratch · t` | packed operands and the like, within one kernel |
//!
//! What outlives a step, the states of stateful layers, is not in it: [`Values::carrying`] has it beside.

use core::marker::PhantomData;
use core::ops::Range;

#[cfg(feature = "std")]
use super::Sink;
use super::rows::{Carried, Extent};
use super::{Area, Buf, Layout, Rows, Whole};
#[cfg(feature = "std")]
use crate::threads::{Barrier, Team};

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use keras_shapes::plan::LINE;

    use super::{Layout, Values};

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

/// The memory of one batch, or of some of its rows.
pub struct Values<'a> {
    base: *mut f32,
    layout: Layout,
    extent: Extent,
    threads: usize,
    frozen: &'a [bool],
    carried: Carried,
    memory: PhantomData<&'a mut [f32]>,
}

// SAFETY: it stands for the exclusive borrow of two slices of floats; all access to it is through `&self` for reading or
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
        let extent = Extent::whole(n);
        let (base, carried) = (memory.as_mut_ptr(), Carried::NONE);
        Values { base, layout, extent, threads, frozen: &[], carried, memory: PhantomData }
    }

    /// The same for a model some of whose weights are not trained: `frozen[i]` says so of parameter `i`. Layers that
    /// differ between training and inference then behave as in inference.
    #[must_use]
    pub fn frozen(self, frozen: &'a [bool]) -> Values<'a> {
        Values { frozen, ..self }
    }

    /// The same for gradients of so many times the loss, and of as many times its penalties: who computes the gradient of the
    /// loss multiplies it, and penalties multiply their own. Gradients that are too small for half precision
    /// ([`round`](crate::round)) are not then.
    #[must_use]
    pub fn scaled(self, loss_scale: f32) -> Values<'a> {
        Values { extent: Extent { loss_scale, ..self.extent }, ..self }
    }

    /// The same with what the batch carries from step to step: `width` floats for each of its rows, row behind row. Those of
    /// the rows before these are among them where these are some rows of a larger batch.
    #[must_use]
    pub fn carrying(self, floats: &'a mut [f32], width: usize) -> Values<'a> {
        Values { carried: Carried::new(floats, width), ..self }
    }

    /// The same for some rows of a larger batch: those behind the `before` first ones. No op may have threads meet then,
    /// since the other rows are not there.
    ///
    /// # Panics
    /// If the batch has fewer rows.
    #[must_use]
    pub fn within(self, before: usize, batch: usize) -> Values<'a> {
        let n = self.extent.n;
        assert!(n <= batch && before <= batch - n, "{n} rows behind {before} of {batch}");
        Values { extent: Extent { before, batch, ..self.extent }, ..self }
    }

    /// How many rows it has.
    #[must_use]
    pub fn n(&self) -> usize {
        self.extent.n
    }

    /// The plan's memory.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// A kept buffer over all rows.
    ///
    /// # Panics
    /// If the buffer is not of this plan's kept area.
    #[must_use]
    pub fn get(&self, buf: Buf) -> &[f32] {
        let Range { start, end } = self.kept(buf);
        // SAFETY: `kept` checked that the range lies inside the borrowed memory; `&self` keeps writers away.
        unsafe { core::slice::from_raw_parts(self.base.add(start), end - start) }
    }

    /// A kept buffer over all rows, to be written.
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
        assert!(buf.area() == Area::Kept && buf.is_within(self.layout.kept), "{buf:?} is not kept in this plan");
        let start = buf.at() * self.extent.n;
        start..start + buf.len() * self.extent.n
    }

    /// All rows, for one thread.
    #[inline]
    pub fn rows(&mut self) -> Rows<'_> {
        assert!(self.threads > 0, "a workspace for no thread");
        let rows = Rows::new(self.base, self.layout, self.extent, self.frozen);
        // SAFETY: the floats are borrowed for longer than `self`, which is borrowed exclusively, and these are all rows.
        unsafe { rows.carrying(self.carried) }
    }

    /// All rows for reading, with scratch, for one thread.
    #[inline]
    pub fn whole(&mut self) -> Whole<'_> {
        assert!(self.threads > 0, "a workspace for no thread");
        Whole::new(self.base, self.layout, self.extent)
    }

    /// Has a team's threads work on some rows each, the same number but for one.
    ///
    /// # Panics
    /// If there is memory for fewer threads, or one of them panics.
    #[cfg(feature = "std")]
    pub fn by_rows(&mut self, team: &mut Team, work: &(dyn Fn(&mut Rows<'_>) + Sync)) {
        let (extent, threads) = (self.extent, team.threads());
        let n = extent.n;
        assert!(threads <= self.threads, "a workspace for {} threads, not for {threads}", self.threads);
        let memory = Memory(self.base);
        let (layout, frozen, carried) = (self.layout, self.frozen, self.carried);
        let barrier = Barrier::new(threads.min(n));
        team.run(&|thread| {
            let _leave = barrier.leave();
            let first = n / threads * thread + thread.min(n % threads);
            let count = n / threads + usize::from(thread < n % threads);
            if count == 0 {
                return;
            }
            let rows = first..first + count;
            // SAFETY: each thread has rows and scratch of its own, and the borrow of the workspace is for all of them. As
            // many as there are rows for have some, and these wait for each other.
            let rows = unsafe { Rows::some(memory.base(), layout, extent, rows, thread, frozen, Some(&barrier)) };
            // SAFETY: each thread has what its own rows carry, and the borrow is for all of them.
            let mut rows = unsafe { rows.carrying(carried) };
            work(&mut rows);
        });
    }

    /// Has a team's threads compute the gradients of some weights each: thread `i` of those from `cuts[i]` to
    /// `cuts[i + 1]`.
    ///
    /// # Panics
    /// If there is memory for fewer threads, the cuts do not ascend to the end of the weights, or a thread panics.
    #[cfg(feature = "std")]
    pub fn by_weights(
        &mut self,
        team: &mut Team,
        sink: &mut Sink<'_>,
        cuts: &[usize],
        work: &(dyn Fn(&mut Whole<'_>, &mut Sink<'_>) + Sync),
    ) {
        let (extent, threads) = (self.extent, team.threads());
        assert!(threads <= self.threads, "a workspace for {} threads, not for {threads}", self.threads);
        assert!(cuts.len() == threads + 1 && cuts.is_sorted(), "{} cuts for {threads} threads", cuts.len());
        assert!(cuts[0] == 0 && cuts[threads] == sink.len(), "weights that are no thread's");
        let memory = Memory(self.base);
        let (layout, sink) = (self.layout, SharedSink(sink));
        team.run(&|thread| {
            // SAFETY: each thread has scratch of its own; all of them only read the kept area.
            let mut whole = unsafe { Whole::of_thread(memory.base(), layout, extent, thread) };
            // SAFETY: the cuts ascend, so no two threads have a weight in common, and the sink is borrowed for all of them.
            let mut share = unsafe { sink.sink().share(cuts[thread]..cuts[thread + 1]) };
            work(&mut whole, &mut share);
        });
    }
}

#[cfg(feature = "std")]
impl Sink<'_> {
    /// Has a team's threads work on gradients that are there: thread `i` on those from `cuts[i]` to `cuts[i + 1]`.
    ///
    /// # Panics
    /// If the cuts do not ascend to the end of the weights, or a thread panics.
    pub fn by_weights(&mut self, team: &mut Team, cuts: &[usize], work: &(dyn Fn(&mut Sink<'_>) + Sync)) {
        let threads = team.threads();
        assert!(cuts.len() == threads + 1 && cuts.is_sorted(), "{} cuts for {threads} threads", cuts.len());
        assert!(cuts[0] == 0 && cuts[threads] == self.len(), "weights that are no thread's");
        let sink = SharedSink(self);
        team.run(&|thread| {
            // SAFETY: the cuts ascend, so no two threads have a weight in common, and the sink is borrowed for all of them.
            let mut share = unsafe { sink.sink().share(cuts[thread]..cuts[thread + 1]) };
            work(&mut share);
        });
    }
}

/// The beginning of a workspace, for all threads of a team.
#[cfg(feature = "std")]
#[derive(Clone, Copy)]
struct Memory(*mut f32);

#[cfg(feature = "std")]
impl Memory {
    fn base(&self) -> *mut f32 {
        self.0
    }
}

// SAFETY: it is an address; those who use it say why they may.
#[cfg(feature = "std")]
unsafe impl Sync for Memory {}

/// A sink, for all threads of a team.
#[cfg(feature = "std")]
struct SharedSink<'a, 's>(&'a Sink<'s>);

#[cfg(feature = "std")]
impl<'s> SharedSink<'_, 's> {
    fn sink(&self) -> &Sink<'s> {
        self.0
    }
}

// SAFETY: the blocks behind a sink are plain floats, borrowed exclusively; its rule is `Sync`. Threads only make shares of
// it, whose memory is apart.
#[cfg(feature = "std")]
unsafe impl Sync for SharedSink<'_, '_> {}
