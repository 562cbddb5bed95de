//! What generated code sees of a workspace: some rows of a batch, or the whole batch for reading.
//!
//! A model that is a layer of another one has its own plan within one buffer of the other's: [`Rows::nested`] and
//! [`Whole::nested`] give it a view of that buffer that looks like a workspace of its own.

mod carried;
mod whole;

pub(super) use carried::Carried;
pub use whole::Whole;

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Range;

use keras_shapes::plan::LINE;

use super::{Area, Buf, Layout};
#[cfg(feature = "std")]
use crate::threads::Barrier;

/// Without threads there is nobody to wait for.
#[cfg(not(feature = "std"))]
type Barrier = core::convert::Infallible;

/// Which rows a workspace is for: all of a batch, or some of them; and what the loss of the batch is multiplied by.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// How many it has room for.
    pub(super) n: usize,
    /// How many rows of the batch come before them.
    pub(super) before: usize,
    /// How many rows the batch has.
    pub(super) batch: usize,
    /// What the gradients are those of: so many times the loss.
    pub(super) loss_scale: f32,
}

impl Extent {
    /// A whole batch, whose loss is as it is.
    pub(super) fn whole(n: usize) -> Extent {
        Extent { n, before: 0, batch: n, loss_scale: 1.0 }
    }
}

/// Some rows of a batch, with the scratch of the thread that works on them.
pub struct Rows<'a> {
    base: *mut f32,
    layout: Layout,
    extent: Extent,
    /// The first of the rows within the workspace.
    first: usize,
    count: usize,
    /// The index of the first float of the kept area.
    kept: usize,
    /// The index of the first float of this thread's segment of the temporary area.
    temp: usize,
    /// The index of the first float of this thread's scratch.
    scratch: usize,
    /// The inputs of the model in these rows.
    inputs: &'a [&'a [f32]],
    /// Which of the model's weights are not trained.
    frozen: &'a [bool],
    /// Where the threads that have the other rows are waited for; none if this one has them all.
    barrier: Option<&'a Barrier>,
    /// Whether this is only some of the rows that its thread works on in a step.
    block: bool,
    /// What outlives the step.
    carried: Carried,
    memory: PhantomData<&'a mut [f32]>,
}

impl<'a> Rows<'a> {
    /// All rows of a workspace, for one thread. `base` is borrowed exclusively for `'a`, and `layout` and `extent.n` are
    /// those that its length was checked against.
    pub(super) fn new(base: *mut f32, layout: Layout, extent: Extent, frozen: &'a [bool]) -> Rows<'a> {
        // SAFETY: they are all rows, and the borrow is exclusive.
        unsafe { Rows::some(base, layout, extent, 0..extent.n, 0, frozen, None) }
    }

    /// Some rows of a workspace, for a thread.
    ///
    /// # Safety
    /// `base` is borrowed exclusively for `'a` and for rows and threads that are apart, and `layout`, `extent.n` and a
    /// number of threads above `thread` are those that its length was checked against. The rows are rows of the workspace.
    /// All rows that are not these are those of threads that wait at the same barrier; without one these are all rows.
    pub(super) unsafe fn some(
        base: *mut f32,
        layout: Layout,
        extent: Extent,
        rows: Range<usize>,
        thread: usize,
        frozen: &'a [bool],
        barrier: Option<&'a Barrier>,
    ) -> Rows<'a> {
        let (first, count) = (rows.start, rows.len());
        let temp = layout.kept * extent.n + layout.temp * first;
        let scratch = scratch(layout, extent.n, thread);
        Rows {
            base,
            layout,
            extent,
            first,
            count,
            kept: 0,
            temp,
            scratch,
            inputs: &[],
            frozen,
            barrier,
            block: extent.n < extent.batch,
            carried: Carried::NONE,
            memory: PhantomData,
        }
    }

    /// Works on at most so many rows at once, one block after the other: what a pass leaves of a few rows is in the cache
    /// when the next op reads it. It is for models no op of which has threads meet.
    pub fn blocks(&mut self, most: usize, mut work: impl FnMut(&mut Rows<'_>)) {
        let most = most.max(1);
        if self.count <= most {
            return work(self);
        }
        for from in (0..self.count).step_by(most) {
            let (first, count) = (self.first + from, most.min(self.count - from));
            // A block has temporary memory of its own: the backward pass reads what the forward pass left there.
            let temp = self.temp + self.layout.temp * from;
            work(&mut Rows { first, count, temp, inputs: &[], block: true, memory: PhantomData, ..*self });
        }
    }

    /// The same with the inputs of the model, in these rows.
    #[inline]
    #[must_use]
    pub fn with<'b>(&'b mut self, inputs: &'b [&'b [f32]]) -> Rows<'b> {
        Rows { inputs, memory: PhantomData, ..*self }
    }

    /// The index of the first row within the batch.
    #[inline]
    #[must_use]
    pub fn first(&self) -> usize {
        self.extent.before + self.first
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
        self.extent.batch
    }

    /// What the loss is multiplied by, its penalties with it. See [`Values::scaled`].
    ///
    /// [`Values::scaled`]: super::Values::scaled
    #[inline]
    #[must_use]
    pub fn loss_scale(&self) -> f32 {
        self.extent.loss_scale
    }

    /// Whether the weights of this index in the model are not trained in this step.
    #[inline]
    #[must_use]
    pub fn is_frozen(&self, index: usize) -> bool {
        self.frozen.get(index) == Some(&true)
    }

    /// The same for a model that is a layer, whose first weights have this index, and whose rows carry what begins at
    /// `carried` of what the rows of the model around it carry.
    #[inline]
    #[must_use]
    pub fn part(self, first: usize, carried: usize) -> Rows<'a> {
        Rows { frozen: self.frozen.get(first..).unwrap_or(&[]), carried: self.carried.part(carried), ..self }
    }

    /// Waits for the threads that work on the other rows of the batch, and calls `f` with a kept buffer over the whole
    /// batch and with scratch, which keeps what `f` leaves there until the next call. All threads have to do so, and each
    /// goes on when all are done.
    ///
    /// # Panics
    /// If the buffer is not kept, if the threads do not meet for the same one, if one of them has panicked, or within
    /// [`Rows::blocks`] or [`Values::within`].
    ///
    /// [`Values::within`]: super::Values::within
    pub fn meet<T>(&mut self, buf: Buf, f: impl FnOnce(&[f32], &mut [f32]) -> T) -> T {
        assert!(!self.block, "threads meet in the middle of their rows");
        self.check(buf);
        assert!(buf.area() == Area::Kept, "{buf:?} is not kept");
        let start = self.kept + buf.at() * self.extent.n;
        let wait = |place: usize| {
            #[cfg(feature = "std")]
            if let Some(barrier) = self.barrier {
                barrier.wait(place);
            }
            #[cfg(not(feature = "std"))]
            let _ = (place, self.barrier);
        };
        wait(2 * start);
        // SAFETY: `check` has the range lie inside the borrowed memory, and the scratch lies behind both areas. All threads
        // that have rows of this buffer are between the two barriers, for this very buffer, where none of them writes to
        // anything but its own scratch; `&mut self` keeps other calls of this thread away.
        let result = unsafe {
            let all = slice(self.base, start..start + buf.len() * self.extent.n);
            let scratch = slice(self.base, self.scratch..self.scratch + self.layout.scratch);
            f(&*all, &mut *scratch)
        };
        wait(2 * start + 1);
        result
    }

    /// The buffers of one op: those that it writes, those that it reads, and scratch.
    ///
    /// # Panics
    /// If a buffer that is written overlaps another one of the call, or one is not of this plan: a mistake in the code
    /// that was generated, never in its input.
    // What is done here is done in each of a model's calls, and compiled for each in the user's crate: it is little.
    #[inline(always)]
    #[allow(clippy::type_complexity)]
    pub fn step<const O: usize, const I: usize>(
        &mut self,
        outs: [Buf; O],
        ins: [Buf; I],
    ) -> ([&mut [f32]; O], [&[f32]; I], &mut [f32]) {
        // SAFETY: `&mut self` keeps other calls away for the life of the slices, and no other `Rows` has these rows or
        // this scratch, which lies behind both areas.
        unsafe {
            let (written, read, scratch) = self.slices(outs, ins);
            (written, read, &mut *scratch)
        }
    }

    /// The buffers of a model that is a layer: those around it that are written and read, and its own workspace, which
    /// lies in `kept` and `temp` and has its own `layout`.
    ///
    /// # Panics
    /// As [`Rows::step`], and if the layout does not fit into the two buffers.
    #[inline(never)]
    #[allow(clippy::type_complexity)]
    pub fn nested<const O: usize, const I: usize>(
        &mut self,
        outs: [Buf; O],
        ins: [Buf; I],
        [kept, temp]: [Buf; 2],
        layout: Layout,
    ) -> ([&mut [f32]; O], [&[f32]; I], Rows<'_>) {
        self.check(kept);
        self.check(temp);
        assert!(
            layout.kept <= kept.len() && layout.temp <= temp.len() && layout.scratch <= self.layout.scratch,
            "a model's workspace does not fit into its buffers"
        );
        assert!(
            kept.area() == Area::Kept && temp.area() == Area::Temp,
            "a model's workspace in buffers of other areas"
        );
        for &other in outs.iter().chain(&ins) {
            assert!(other.is_apart(kept) && other.is_apart(temp), "buffers of one op overlap");
        }
        let rows = Rows {
            base: self.base,
            layout,
            extent: self.extent,
            first: self.first,
            count: self.count,
            kept: self.kept + kept.at() * self.extent.n,
            temp: self.temp + temp.at() * self.count,
            scratch: self.scratch,
            inputs: &[],
            frozen: self.frozen,
            barrier: self.barrier,
            block: self.block,
            carried: self.carried,
            memory: PhantomData,
        };
        // SAFETY: the buffers are apart from both buffers of the nested workspace (just checked), and its scratch is not
        // among them; `&mut self` keeps other calls away for the life of all that is given.
        let (written, read, _) = unsafe { self.slices(outs, ins) };
        (written, read, rows)
    }

    /// Slices for the buffers of one op, and where the scratch is.
    ///
    /// # Safety
    /// Nothing else may have access to these buffers in these rows for `'b`.
    #[inline(always)]
    #[allow(clippy::type_complexity)]
    unsafe fn slices<'b, const O: usize, const I: usize>(
        &self,
        outs: [Buf; O],
        ins: [Buf; I],
    ) -> ([&'b mut [f32]; O], [&'b [f32]; I], *mut [f32]) {
        let mut written = MaybeUninit::<[&mut [f32]; O]>::uninit();
        let mut read = MaybeUninit::<[&[f32]; I]>::uninit();
        // SAFETY: there is room for a slice for each buffer. `take` writes all of them; those that are written are apart
        // from all others, and the caller keeps everything else away.
        unsafe {
            let scratch = self.take(&outs, &ins, written.as_mut_ptr().cast(), read.as_mut_ptr().cast());
            (written.assume_init(), read.assume_init(), scratch)
        }
    }

    /// Writes where the buffers are, and gives the scratch.
    ///
    /// # Safety
    /// There is room for a slice for each of the buffers.
    unsafe fn take(&self, outs: &[Buf], ins: &[Buf], written: *mut *mut [f32], read: *mut *mut [f32]) -> *mut [f32] {
        for (i, &out) in outs.iter().enumerate() {
            let out = self.range(out);
            for &other in outs[i + 1..].iter().chain(ins).filter(|other| other.area() != Area::Input) {
                let other = self.range(other);
                assert!(out.end <= other.start || other.end <= out.start, "buffers of one op overlap");
            }
            // SAFETY: `range` checked that the range lies in this object's rows of the borrowed memory. The caller has room.
            unsafe { written.add(i).write(slice(self.base, out)) };
        }
        for (i, &buf) in ins.iter().enumerate() {
            let from = match buf.area() {
                Area::Input => input(self.inputs, buf, self.count),
                // SAFETY: as above.
                _ => unsafe { slice(self.base, self.range(buf)) },
            };
            // SAFETY: the caller has room.
            unsafe { read.add(i).write(from) };
        }
        // SAFETY: the scratch lies behind both areas, inside the borrowed memory.
        unsafe { slice(self.base, self.scratch..self.scratch + self.layout.scratch) }
    }

    fn check(&self, buf: Buf) {
        let area = match buf.area() {
            Area::Kept => self.layout.kept,
            Area::Temp => self.layout.temp,
            Area::Input => panic!("{buf:?} is an input, which is only read"),
        };
        assert!(buf.is_within(area), "{buf:?} is not in this plan");
    }

    fn range(&self, buf: Buf) -> Range<usize> {
        self.check(buf);
        let start = match buf.area() {
            Area::Temp => self.temp + buf.at() * self.count,
            _ => self.kept + buf.at() * self.extent.n + buf.len() * self.first,
        };
        start..start + buf.len() * self.count
    }
}

/// The index of the first float of a thread's scratch.
fn scratch(layout: Layout, n: usize, thread: usize) -> usize {
    (layout.kept + layout.temp) * n + layout.scratch.next_multiple_of(LINE) * thread
}

/// The rows of an input of the model, for reading only.
fn input(inputs: &[&[f32]], buf: Buf, rows: usize) -> *mut [f32] {
    let Some(&input) = inputs.get(buf.at()) else { panic!("{buf:?} is not an input of this model") };
    assert!(input.len() == buf.len() * rows, "an input of {} floats for {rows} rows of {buf:?}", input.len());
    core::ptr::from_ref(input).cast_mut()
}

/// Some of the memory that begins at `base`.
///
/// # Safety
/// The range lies inside of it.
unsafe fn slice(base: *mut f32, range: Range<usize>) -> *mut [f32] {
    // SAFETY: the caller's.
    core::ptr::slice_from_raw_parts_mut(unsafe { base.add(range.start) }, range.end - range.start)
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
