//! Where weight gradients go.
//!
//! A kernel that computes a weight gradient hands each finished piece to an [`Out`]. Depending on the [`Sink`] the piece
//! is stored, added to what is there, or used at once to update the weights, in which case the gradient of a large
//! kernel never goes to memory. All ways give the same bits.

mod out;

pub use out::Out;

use core::marker::PhantomData;
use core::ops::Range;

/// The most floats of state that an elementwise rule may keep for each weight.
pub const MAX_SLOTS: usize = 4;

/// The state of some weights, one slice for each slot; slots that the optimizer does not use are empty.
pub type Slots<'a> = [&'a mut [f32]; MAX_SLOTS];

/// An elementwise update: each weight from its own gradient and state.
///
/// The sink calls it once for each finished piece of a gradient, in any order, each weight exactly once in a step.
pub trait Rule: Sync {
    /// Updates `w` by the gradient `g`. All slices have one length, but for slots that are not used.
    fn update(&self, w: &mut [f32], g: &[f32], slots: Slots<'_>);

    /// Whether a weight and its state stay as they are if the gradient is 0: an update may then leave such weights out.
    fn skips_zeros(&self) -> bool {
        false
    }
}

/// Which of the gradient's contributions a call computes; known at compile time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The only one.
    Only,
    /// The first of several (a shared layer, a regularizer): others are still to come.
    First,
    /// Neither the first nor the last of several.
    Middle,
    /// The last of several.
    Last,
}

#[derive(Clone, Copy)]
struct Update<'a> {
    rule: &'a dyn Rule,
    slots: [*mut f32; MAX_SLOTS],
    used: usize,
}

impl Use {
    /// Which contribution to the whole a contribution is that is `inner` within a part, where the part itself is this
    /// one.
    #[must_use]
    pub const fn within(self, inner: Use) -> Use {
        match (self, inner) {
            (Use::Only, inner) => inner,
            (outer, Use::Only) => outer,
            (Use::First, Use::First) => Use::First,
            (Use::Last, Use::Last) => Use::Last,
            _ => Use::Middle,
        }
    }

    /// Which contribution that of these rows of a batch is, where others have the rows before and behind them.
    #[must_use]
    pub const fn of_rows(rows: Range<usize>, batch: usize) -> Use {
        match (rows.start == 0, rows.end == batch) {
            (true, true) => Use::Only,
            (true, false) => Use::First,
            (false, false) => Use::Middle,
            (false, true) => Use::Last,
        }
    }
}

/// Where the weight gradients of a model go in this step.
pub struct Sink<'a> {
    weights: *mut f32,
    grads: *mut f32,
    len: usize,
    /// The weights whose gradients are computed here: all of them, or the share of one thread. No other memory of the
    /// blocks is touched.
    own: Range<usize>,
    frozen: &'a [bool],
    update: Option<Update<'a>>,
    /// Which contribution all that comes is part of.
    uses: Use,
    memory: PhantomData<&'a mut [f32]>,
}

impl<'a> Sink<'a> {
    /// Stores gradients in `grads`, a block of the same layout as `weights`. What is there is overwritten.
    ///
    /// `frozen[i]` says that parameter `i` of the model is not trained; its gradient is left as it is.
    ///
    /// # Panics
    /// If the blocks differ in length.
    #[must_use]
    pub fn store(weights: &'a mut [f32], grads: &'a mut [f32], frozen: &'a [bool]) -> Sink<'a> {
        assert_eq!(weights.len(), grads.len(), "gradients of another model");
        let len = weights.len();
        Sink {
            weights: weights.as_mut_ptr(),
            grads: grads.as_mut_ptr(),
            len,
            own: 0..len,
            frozen,
            update: None,
            uses: Use::Only,
            memory: PhantomData,
        }
    }

    /// Updates `weights` as soon as a piece of their gradient is complete. `grads` holds what is not complete yet, and
    /// nothing that means anything afterwards.
    ///
    /// # Panics
    /// If the blocks differ in length, or there are more than [`MAX_SLOTS`] slots.
    #[must_use]
    pub fn update(
        weights: &'a mut [f32],
        grads: &'a mut [f32],
        frozen: &'a [bool],
        rule: &'a dyn Rule,
        slots: &'a mut [&mut [f32]],
    ) -> Sink<'a> {
        let mut sink = Sink::store(weights, grads, frozen);
        let mut pointers = [core::ptr::null_mut(); MAX_SLOTS];
        assert!(slots.len() <= MAX_SLOTS, "an elementwise rule can have {MAX_SLOTS} slots at the most");
        for (pointer, slot) in pointers.iter_mut().zip(&mut *slots) {
            assert_eq!(slot.len(), sink.len, "a slot of another model");
            *pointer = slot.as_mut_ptr();
        }
        sink.update = Some(Update { rule, slots: pointers, used: slots.len() });
        sink
    }

    /// What of `len` weights from `at` on is this sink's own, counted from `at`; nothing if none of it is.
    ///
    /// # Panics
    /// If they are not of this model.
    fn own(&self, at: usize, len: usize) -> Option<Range<usize>> {
        assert!(len <= self.len && at <= self.len - len, "a parameter beyond the end of the model");
        if len == 0 {
            return Some(0..0);
        }
        let own = self.own.start.max(at)..self.own.end.min(at + len);
        (!own.is_empty()).then(|| own.start - at..own.end - at)
    }

    fn out(&mut self, index: usize, at: usize, len: usize, uses: Use) -> Option<Out<'_>> {
        let own = self.own(at, len)?;
        if self.frozen.get(index) == Some(&true) {
            return None;
        }
        let uses = self.uses.within(uses);
        Some(Out { sink: self, at, len, own, uses })
    }

    /// Where the gradient of parameter `index` goes, whose `len` weights begin at `at`; nothing if it is frozen, or
    /// another thread's.
    ///
    /// # Panics
    /// If the parameter is not of this model, or only some of it is this thread's.
    pub fn param(&mut self, index: usize, at: usize, len: usize, uses: Use) -> Option<Out<'_>> {
        let out = self.out(index, at, len, uses)?;
        assert!(out.own == (0..len), "a parameter that is computed at once is divided among threads");
        Some(out)
    }

    /// As [`Sink::param`], for a kernel that can compute some of the gradient's rows: those of [`Out::rows`].
    ///
    /// # Panics
    /// If the parameter is not of this model.
    pub fn some_rows(&mut self, index: usize, at: usize, len: usize, uses: Use) -> Option<Out<'_>> {
        self.out(index, at, len, uses)
    }

    /// As [`Sink::some_rows`], for what is added to the gradient once however often the weights are used: the gradient of a
    /// penalty on them. Nothing if an earlier call of a shared model has added it.
    pub fn penalty(&mut self, index: usize, at: usize, len: usize, uses: Use) -> Option<Out<'_>> {
        if matches!(self.uses, Use::Middle | Use::Last) { None } else { self.out(index, at, len, uses) }
    }

    /// The part of the sink for a model that is a layer: `len` weights from `at` on, whose first parameter is `first` and
    /// to whose gradient this is contribution `uses`. Nothing if all of it is another thread's.
    ///
    /// # Panics
    /// If the part is not of this model.
    pub fn part(&mut self, first: usize, at: usize, len: usize, uses: Use) -> Option<Sink<'_>> {
        let own = self.own(at, len)?;
        // SAFETY: the part lies inside the blocks of weights, gradients and slots, which have one length and are borrowed
        // by this object; `&mut self` keeps it away while the part is used.
        unsafe {
            let update = self.update.map(|mut update| {
                for slot in &mut update.slots[..update.used] {
                    *slot = slot.add(at);
                }
                update
            });
            Some(Sink {
                weights: self.weights.add(at),
                grads: self.grads.add(at),
                len,
                own,
                frozen: self.frozen.get(first..).unwrap_or(&[]),
                update,
                uses: self.uses.within(uses),
                memory: PhantomData,
            })
        }
    }

    /// The same sink for what is contribution `uses` to all of its gradients.
    pub fn within(&mut self, uses: Use) -> Sink<'_> {
        Sink { own: self.own.clone(), uses: self.uses.within(uses), memory: PhantomData, ..*self }
    }

    /// The share of one thread: the weights in `own`.
    ///
    /// # Safety
    /// While it is used, this sink is not, and no other share of it has one of these weights.
    #[cfg_attr(not(feature = "std"), allow(dead_code))]
    pub(super) unsafe fn share(&self, own: Range<usize>) -> Sink<'_> {
        assert!(self.own.start <= own.start && own.end <= self.own.end, "a share beyond the end of the model");
        Sink { own, memory: PhantomData, ..*self }
    }

    /// How many weights there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Which contribution to the gradients this sink takes: others come before it, after it, both or neither.
    #[must_use]
    pub fn uses(&self) -> Use {
        self.uses
    }

    /// All weights of the sink, and the memory of their gradients, for a kernel that computes several at once. In it, a
    /// contribution that is not the first finds the sum so far. [`Sink::finish`] says that a gradient is complete.
    ///
    /// # Panics
    /// If some of them are another thread's.
    pub fn gradients(&mut self) -> (&[f32], &mut [f32]) {
        assert!(self.own == (0..self.len), "a layer that is computed at once is divided among threads");
        // SAFETY: both are blocks of `len` floats apart from each other, borrowed by this object; `&mut self` makes these
        // slices the only access.
        unsafe {
            let weights = core::slice::from_raw_parts(self.weights, self.len);
            (weights, core::slice::from_raw_parts_mut(self.grads, self.len))
        }
    }

    /// The gradient of a parameter is complete, in the memory that [`Sink::gradients`] gave: its weights are updated if
    /// that is what becomes of gradients here.
    ///
    /// # Panics
    /// If the parameter is not of this model.
    pub fn finish(&mut self, index: usize, at: usize, len: usize) {
        let Some(out) = self.param(index, at, len, Use::Only) else { return };
        if let Some(update) = &out.sink.update {
            // SAFETY: `param` checked the range; gradients and weights are different blocks.
            let g = unsafe { core::slice::from_raw_parts(out.sink.grads.add(at), len) };
            out.apply(update, 0, g);
        }
    }

    /// Whether parameter `index` of the model is not trained.
    #[inline]
    #[must_use]
    pub fn is_frozen(&self, index: usize) -> bool {
        self.frozen.get(index) == Some(&true)
    }

    /// As [`Sink::state`]; nothing if it is another thread's.
    ///
    /// # Panics
    /// If it is not of this model, or some of it is another thread's.
    pub fn own_state(&mut self, at: usize, len: usize) -> Option<&mut [f32]> {
        self.own(at, len)?;
        Some(self.state(at, len))
    }

    /// State that the step computed anew (a moving average, say), to be overwritten.
    ///
    /// # Panics
    /// If it is not of this model, or another thread's.
    #[inline]
    pub fn state(&mut self, at: usize, len: usize) -> &mut [f32] {
        assert!(len == 0 || self.own(at, len) == Some(0..len), "state that is another thread's");
        // SAFETY: the range lies inside the block of weights, which this object borrows for itself; `&mut self` makes
        // the slice the only access.
        unsafe { core::slice::from_raw_parts_mut(self.weights.add(at), len) }
    }
}

#[cfg(test)]
mod tests;
