//! The kept buffers of a batch.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::{Extent, input, scratch, slice};
use crate::memory::{Area, Buf, Layout, Sink, Use};

/// The kept buffers of a whole batch, for reading, with the scratch of the thread that works on them. Where a batch is worked
/// on block by block ([`Whole::blocks`]), those of a block, as if it were the batch.
pub struct Whole<'a> {
    base: *mut f32,
    layout: Layout,
    extent: Extent,
    /// The first of the rows within the workspace.
    first: usize,
    count: usize,
    /// The index of the first float of the kept area.
    kept: usize,
    /// The index of the first float of the scratch.
    scratch: usize,
    /// The inputs of the model.
    inputs: &'a [&'a [f32]],
    memory: PhantomData<&'a mut [f32]>,
}

impl<'a> Whole<'a> {
    /// All rows of a workspace, for one thread. `base` is borrowed exclusively for `'a`, and `layout` and `extent.n` are
    /// those that its length was checked against.
    pub(in crate::memory) fn new(base: *mut f32, layout: Layout, extent: Extent) -> Whole<'a> {
        // SAFETY: it is the only thread, and the borrow is exclusive.
        unsafe { Whole::of_thread(base, layout, extent, 0) }
    }

    /// All rows of a workspace, for a thread.
    ///
    /// # Safety
    /// `base` is borrowed for `'a`: its kept area for reading, this thread's scratch exclusively. `layout`, `extent.n` and a
    /// number of threads above `thread` are those that its length was checked against.
    pub(in crate::memory) unsafe fn of_thread(
        base: *mut f32,
        layout: Layout,
        extent: Extent,
        thread: usize,
    ) -> Whole<'a> {
        let scratch = scratch(layout, extent.n, thread);
        Whole { base, layout, extent, first: 0, count: extent.n, kept: 0, scratch, inputs: &[], memory: PhantomData }
    }

    /// Works on at most so many rows at once, one block after the other: the gradients of weights are then sums over
    /// blocks, in the order of the blocks, and what `sink` is told says whether more of them come.
    pub fn blocks(&mut self, most: usize, sink: &mut Sink<'_>, work: impl Fn(&mut Whole<'_>, &mut Sink<'_>)) {
        let (most, batch) = (most.max(1), self.extent.batch);
        let mut from = 0;
        while from == 0 || from < self.count {
            let (first, count) = (self.first + from, most.min(self.count - from));
            let mut block = Whole { first, count, inputs: &[], memory: PhantomData, ..*self };
            let uses = Use::of_rows(block.first()..block.first() + count, batch);
            work(&mut block, &mut sink.within(uses));
            from += most;
        }
    }

    /// What the loss is multiplied by, its penalties with it. See [`Values::scaled`].
    ///
    /// [`Values::scaled`]: crate::memory::Values::scaled
    #[inline]
    #[must_use]
    pub fn loss_scale(&self) -> f32 {
        self.extent.loss_scale
    }

    /// The same with the inputs of the model.
    #[inline]
    #[must_use]
    pub fn with<'b>(&'b mut self, inputs: &'b [&'b [f32]]) -> Whole<'b> {
        Whole { inputs, memory: PhantomData, ..*self }
    }

    /// How many rows there are.
    #[inline]
    #[must_use]
    pub fn n(&self) -> usize {
        self.count
    }

    /// The index of the first row within the batch.
    #[inline]
    #[must_use]
    pub fn first(&self) -> usize {
        self.extent.before + self.first
    }

    /// The kept buffers that one op reads, over the whole batch, and scratch.
    ///
    /// # Panics
    /// If a buffer is not of this plan's kept area.
    #[inline(always)]
    pub fn step<const I: usize>(&mut self, ins: [Buf; I]) -> ([&[f32]; I], &mut [f32]) {
        let (read, scratch) = self.slices(ins);
        // SAFETY: the scratch lies behind both areas, inside the memory that was borrowed exclusively, and `&mut self`
        // keeps other calls away.
        (read, unsafe { &mut *scratch })
    }

    /// The kept buffers that a model which is a layer reads around it, and its own workspace, which lies in `kept` and
    /// has its own `layout`.
    ///
    /// # Panics
    /// As [`Whole::step`], and if the layout does not fit into the buffer.
    #[inline(never)]
    pub fn nested<const I: usize>(&mut self, ins: [Buf; I], kept: Buf, layout: Layout) -> ([&[f32]; I], Whole<'_>) {
        self.check(kept);
        assert!(
            layout.kept <= kept.len() && layout.scratch <= self.layout.scratch,
            "a model's workspace does not fit into its buffers"
        );
        let whole = Whole {
            base: self.base,
            layout,
            extent: self.extent,
            first: self.first,
            count: self.count,
            kept: self.kept + kept.at() * self.extent.n,
            scratch: self.scratch,
            inputs: &[],
            memory: PhantomData,
        };
        // Both only read the kept area.
        (self.slices(ins).0, whole)
    }

    #[inline(always)]
    fn slices<'b, const I: usize>(&self, ins: [Buf; I]) -> ([&'b [f32]; I], *mut [f32])
    where
        'a: 'b,
    {
        let mut read = MaybeUninit::<[&[f32]; I]>::uninit();
        // SAFETY: there is room for a slice for each buffer, and `take` writes all of them. They lie in the kept area,
        // which a `Whole` never writes.
        unsafe {
            let scratch = self.take(&ins, read.as_mut_ptr().cast());
            (read.assume_init(), scratch)
        }
    }

    /// Writes where the buffers are, and gives the scratch.
    ///
    /// # Safety
    /// There is room for a slice for each of the buffers.
    unsafe fn take(&self, ins: &[Buf], read: *mut *mut [f32]) -> *mut [f32] {
        for (i, &buf) in ins.iter().enumerate() {
            let from = if buf.area() == Area::Input {
                input(self.inputs, buf, self.count)
            } else {
                self.check(buf);
                let start = self.kept + buf.at() * self.extent.n + buf.len() * self.first;
                // SAFETY: `check` has the range lie inside the borrowed memory.
                unsafe { slice(self.base, start..start + buf.len() * self.count) }
            };
            // SAFETY: the caller has room.
            unsafe { read.add(i).write(from) };
        }
        // SAFETY: the scratch lies behind both areas, inside the borrowed memory.
        unsafe { slice(self.base, self.scratch..self.scratch + self.layout.scratch) }
    }

    fn check(&self, buf: Buf) {
        assert!(buf.area() == Area::Kept && buf.is_within(self.layout.kept), "{buf:?} is not kept in this plan");
    }
}
