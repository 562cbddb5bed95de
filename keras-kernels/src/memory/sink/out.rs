//! The gradient of one parameter on its way to the sink.

use core::ops::Range;

use keras_shapes::plan::LINE;

use super::{MAX_SLOTS, Sink, Update, Use};

/// Where the gradient of one parameter goes.
pub struct Out<'a> {
    // Borrowed from `&mut Sink`, so that this is the only way to the sink's memory. It is a reference and not a copy of
    // the sink's fields because calls with large arguments take most of the time that a model's code takes to compile.
    pub(super) sink: &'a Sink<'a>,
    pub(super) at: usize,
    pub(super) len: usize,
    /// What of it is to be computed here.
    pub(super) own: Range<usize>,
    pub(super) uses: Use,
}

impl Out<'_> {
    /// The same for what is contribution `uses` to what is to go there.
    pub(crate) fn within(&mut self, uses: Use) -> Out<'_> {
        Out { own: self.own.clone(), uses: self.uses.within(uses), ..*self }
    }

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
    pub(super) fn apply(&self, update: &Update<'_>, from: usize, g: &[f32]) {
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
