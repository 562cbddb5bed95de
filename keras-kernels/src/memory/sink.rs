//! Where weight gradients go.
//!
//! A kernel that computes a weight gradient hands each finished piece to an [`Out`]. Depending on the [`Sink`] the piece
//! is stored, added to what is there, or used at once to update the weights, in which case the gradient of a large
//! kernel never goes to memory. All ways give the same bits.

use core::marker::PhantomData;
use core::ops::Range;

use keras_shapes::plan::LINE;

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

/// Where the gradient of one parameter goes.
pub struct Out<'a> {
    // Borrowed from `&mut Sink`, so that this is the only way to the sink's memory. It is a reference and not a copy of
    // the sink's fields because calls with large arguments take most of the time that a model's code takes to compile.
    sink: &'a Sink<'a>,
    at: usize,
    len: usize,
    /// What of it is to be computed here.
    own: Range<usize>,
    uses: Use,
}

impl Out<'_> {
    /// How many weights the parameter has.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Which of the weights the caller is to compute the gradients of.
    #[inline]
    #[must_use]
    pub fn own(&self) -> Range<usize> {
        self.own.clone()
    }

    /// Which of `rows` rows of the parameter the caller is to compute.
    ///
    /// # Panics
    /// If its share is not whole rows.
    #[inline]
    #[must_use]
    pub fn rows(&self, rows: usize) -> Range<usize> {
        let cols = self.len.checked_div(rows).unwrap_or(0).max(1);
        let (start, end) = (self.own.start, self.own.end);
        assert!(start % cols == 0 && end % cols == 0, "a row that is divided among threads");
        start / cols..end / cols
    }

    /// The weights in [`Out::own`], as they are before the update.
    #[inline]
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        // SAFETY: `Sink::own` checked the range; `&self` keeps `put` away.
        unsafe { core::slice::from_raw_parts(self.sink.weights.add(self.at + self.own.start), self.own.len()) }
    }

    /// The memory of the gradients in [`Out::own`] where they are to be stored and nothing else: the kernel may then write
    /// them in place instead of calling [`Out::put`].
    #[inline]
    pub fn direct(&mut self) -> Option<&mut [f32]> {
        if self.sink.update.is_some() || !matches!(self.uses, Use::Only | Use::First) {
            return None;
        }
        Some(self.grad(self.own.start, self.own.len()))
    }

    /// Whether the gradient is the only contribution, and goes to a rule that leaves weights alone whose gradient is 0:
    /// [`Out::done`] need not be told of such weights then.
    #[must_use]
    pub fn skips_zeros(&self) -> bool {
        self.uses == Use::Only && self.sink.update.is_some_and(|update| update.rule.skips_zeros())
    }

    /// Whether this is the first contribution to the gradient: what [`Out::sum`] gives means nothing yet.
    #[must_use]
    pub fn is_first(&self) -> bool {
        matches!(self.uses, Use::Only | Use::First)
    }

    /// The memory of the gradients in [`Out::own`], for a kernel that adds them up there; a contribution that is not the
    /// first finds the sum so far. [`Out::done`] says that they are complete.
    #[must_use]
    pub fn sum(&mut self) -> &mut [f32] {
        self.grad(self.own.start, self.own.len())
    }

    /// The gradients of `len` weights from `from` on are complete in [`Out::sum`]: the weights are updated, if that is
    /// what becomes of gradients here and no contribution is still to come.
    ///
    /// # Panics
    /// If they are not in [`Out::own`].
    pub fn done(&mut self, from: usize, len: usize) {
        let Range { start, end } = self.own;
        assert!(from >= start && len <= end && from <= end - len, "a gradient beyond the end of its parameter");
        if let (Some(update), Use::Only | Use::Last) = (&self.sink.update, self.uses) {
            // SAFETY: the range was checked; gradients and weights are different blocks.
            let g = unsafe { core::slice::from_raw_parts(self.sink.grads.add(self.at + from), len) };
            self.apply(update, from, g);
        }
    }

    /// What [`Out::put`] will read and write for `len` weights from `from` on, besides what it is given: addresses and
    /// lengths, and how many of them. For kernels that fetch it in advance.
    pub(crate) fn touched(&self, from: usize, len: usize) -> ([(*const f32, usize); MAX_SLOTS + 2], usize) {
        let at = self.at + from;
        let mut pieces = [(core::ptr::null(), 0); MAX_SLOTS + 2];
        let mut used = 0;
        let mut add = |block: *mut f32| {
            pieces[used] = (block.wrapping_add(at).cast_const(), len);
            used += 1;
        };
        let Some(update) = &self.sink.update else {
            add(self.sink.grads);
            return (pieces, used);
        };
        if self.uses != Use::Only {
            add(self.sink.grads);
        }
        if matches!(self.uses, Use::Only | Use::Last) {
            add(self.sink.weights);
            update.slots[..update.used].iter().for_each(|&slot| add(slot));
        }
        (pieces, used)
    }

    #[inline]
    fn grad(&mut self, from: usize, len: usize) -> &mut [f32] {
        // SAFETY: callers keep `from..from + len` within `self.own`, and `Sink::own` checked that against the block.
        unsafe { core::slice::from_raw_parts_mut(self.sink.grads.add(self.at + from), len) }
    }

    /// A finished piece of the gradient: `g` is the gradient of the weights from `from` on. Each weight comes exactly
    /// once in a call of the kernel.
    ///
    /// # Panics
    /// If the piece reaches beyond [`Out::own`].
    #[inline]
    pub fn put(&mut self, from: usize, g: &[f32]) {
        let Range { start, end } = self.own;
        assert!(from >= start && g.len() <= end && from <= end - g.len(), "a gradient beyond the end of its parameter");
        let Some(update) = &self.sink.update else {
            match self.uses {
                Use::Only | Use::First => self.grad(from, g.len()).copy_from_slice(g),
                Use::Middle | Use::Last => add_into(self.grad(from, g.len()), g),
            }
            return;
        };
        match self.uses {
            Use::Only => self.apply(update, from, g),
            Use::First => self.grad(from, g.len()).copy_from_slice(g),
            Use::Middle => add_into(self.grad(from, g.len()), g),
            Use::Last => {
                add_into(self.grad(from, g.len()), g);
                // SAFETY: as in `grad`; gradients and weights are different blocks.
                let sum = unsafe { core::slice::from_raw_parts(self.sink.grads.add(self.at + from), g.len()) };
                self.apply(update, from, sum);
            }
        }
    }

    #[inline]
    fn apply(&self, update: &Update<'_>, from: usize, g: &[f32]) {
        let at = self.at + from;
        // SAFETY: `put` checked the range; weights and slots are borrowed blocks of one length, each apart from the
        // others and from the gradients.
        unsafe {
            let w = core::slice::from_raw_parts_mut(self.sink.weights.add(at), g.len());
            if self.sink.own.len() < self.sink.len {
                claim(w);
            }
            let slots = core::array::from_fn(|i| -> &mut [f32] {
                if i < update.used {
                    core::slice::from_raw_parts_mut(update.slots[i].add(at), g.len())
                } else {
                    &mut []
                }
            });
            update.rule.update(w, g, slots);
        }
    }
}

/// Asks for the cache lines of weights that are about to be written. All threads have read them in the forward pass, so
/// each line has to be taken away from the others before it can be written, which one by one takes long.
#[inline]
fn claim(weights: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in weights.chunks(LINE) {
        // SAFETY: the instruction changes nothing and fails on no address; processors that lack it take it for none.
        unsafe {
            core::arch::asm!("prefetchw [{}]", in(reg) line.as_ptr(), options(nostack, preserves_flags, readonly));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (weights, LINE);
}

#[inline]
fn add_into(sum: &mut [f32], g: &[f32]) {
    for (s, g) in sum.iter_mut().zip(g) {
        *s += g;
    }
}

#[cfg(test)]
mod tests;
