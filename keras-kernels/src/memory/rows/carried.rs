//! What the rows of a batch leave for the same rows of the next one.

use super::Rows;
use crate::memory::Buf;

/// The floats that outlive a step, row behind row: those of a row lie side by side, whatever the plan of the step, so that
/// training and inference go on from each other's.
#[derive(Clone, Copy)]
pub(in crate::memory) struct Carried {
    base: *mut f32,
    /// Floats in all.
    len: usize,
    /// Floats of each row.
    width: usize,
    /// Where those of this model begin in a row: those of a model that is a layer lie among those of the model around it.
    at: usize,
}

// SAFETY: it is an address; those who use it say why they may.
unsafe impl Sync for Carried {}

impl Carried {
    /// None at all.
    pub(in crate::memory) const NONE: Carried = Carried { base: core::ptr::null_mut(), len: 0, width: 0, at: 0 };

    /// Floats that are borrowed for as long as this is used, so many for each row.
    pub(in crate::memory) fn new(floats: &mut [f32], width: usize) -> Carried {
        Carried { base: floats.as_mut_ptr(), len: floats.len(), width, at: 0 }
    }

    /// Those of a model that is a layer, which begin at `at`.
    pub(super) fn part(self, at: usize) -> Carried {
        Carried { at: self.at + at, ..self }
    }
}

impl<'a> Rows<'a> {
    /// The same with what the rows of the batch carry from step to step.
    ///
    /// # Safety
    /// The floats are borrowed exclusively for `'a`, and for rows that are apart.
    pub(in crate::memory) unsafe fn carrying(self, carried: Carried) -> Rows<'a> {
        Rows { carried, ..self }
    }

    /// Copies what an earlier batch has left of these rows, from float `at` of each on, to a buffer.
    ///
    /// # Panics
    /// If the floats are none of those that the model carries from batch to batch, or there is no memory for them: a mistake
    /// in the code that runs the model.
    pub fn recall(&mut self, y: Buf, at: usize) {
        let (len, Carried { width, .. }) = (y.len(), self.carried);
        // SAFETY: no other `Rows` has these rows, and the floats are not part of the workspace that `step` gives slices of.
        let carried = unsafe { &*self.carried(at, len) };
        let [y] = self.step([y], []).0;
        for (y, carried) in y.chunks_exact_mut(len.max(1)).zip(carried.chunks(width)) {
            y.copy_from_slice(&carried[..len]);
        }
    }

    /// Copies a buffer to where [`Rows::recall`] finds it in the next batch, or later in this step.
    ///
    /// # Panics
    /// As [`Rows::recall`].
    pub fn carry(&mut self, x: Buf, at: usize) {
        let (len, Carried { width, .. }) = (x.len(), self.carried);
        // SAFETY: as above.
        let carried = unsafe { &mut *self.carried(at, len) };
        let [x] = self.step([], [x]).1;
        for (x, carried) in x.chunks_exact(len.max(1)).zip(carried.chunks_mut(width)) {
            carried[..len].copy_from_slice(x);
        }
    }

    /// What is carried of these rows from float `at` of the first on, of which each row has `len`.
    fn carried(&self, at: usize, len: usize) -> *mut [f32] {
        let Carried { base, len: all, width, at: begin } = self.carried;
        let (first, count, at) = (self.first(), self.count, begin + at);
        assert!(0 < width && len <= width && at <= width - len, "floats {at} and on of {width} that a row carries");
        assert!(first + count <= all / width, "{count} rows behind {first} in {all} floats that are carried");
        // SAFETY: `at` is within a row, and the rows lie inside the floats, as has just been checked; without rows there is
        // nothing to be sliced.
        let rows = unsafe { base.add(first * width + if count > 0 { at } else { 0 }) };
        core::ptr::slice_from_raw_parts_mut(rows, (count * width).saturating_sub(at))
    }
}
