//! What a step is given: the workspace, the inputs of the model and the instruction set.

use crate::Isa;
use crate::memory::{Buf, Out, Rows, Sink, Use, Whole};

/// A pass over some rows of a batch.
pub struct Pass<'a> {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// The rows.
    pub rows: Rows<'a>,
}

impl<'a> Pass<'a> {
    /// A pass over these rows of the batch, and of the model's inputs.
    #[inline]
    #[must_use]
    pub fn new(isa: Isa, rows: &'a mut Rows<'_>, inputs: &'a [&'a [f32]]) -> Pass<'a> {
        Pass { isa, rows: rows.with(inputs) }
    }

    /// What an op that can work in place writes and reads: if that is one buffer, nothing is read.
    pub(super) fn in_place(&mut self, y: Buf, x: Buf) -> (&mut [f32], Option<&[f32]>) {
        if x == y {
            let ([y], [], _) = self.rows.step([y], []);
            return (y, None);
        }
        let ([y], [x], _) = self.rows.step([y], [x]);
        (y, Some(x))
    }

    /// The same with what the forward pass has left.
    pub(super) fn in_place_with(&mut self, dx: Buf, dy: Buf, saved: Buf) -> (&mut [f32], Option<&[f32]>, &[f32]) {
        if dx == dy {
            let ([dx], [saved], _) = self.rows.step([dx], [saved]);
            return (dx, None, saved);
        }
        let ([dx], [dy, saved], _) = self.rows.step([dx], [dy, saved]);
        (dx, Some(dy), saved)
    }
}

/// The weights whose gradient a step computes: their index in the model, where they begin in its block, and which
/// contribution to the gradient this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct To {
    /// The index, and the contribution in the two lowest bits: with `at`, two words for a call. See [`Buf`].
    index: usize,
    at: usize,
}

impl To {
    /// The only contribution.
    #[inline]
    #[must_use]
    pub const fn only(index: usize, at: usize) -> To {
        To { index: index << 2, at }
    }

    /// The first of several.
    #[inline]
    #[must_use]
    pub const fn first(index: usize, at: usize) -> To {
        To { index: index << 2 | 1, at }
    }

    /// Neither the first nor the last of several.
    #[inline]
    #[must_use]
    pub const fn middle(index: usize, at: usize) -> To {
        To { index: index << 2 | 2, at }
    }

    /// The last of several.
    #[inline]
    #[must_use]
    pub const fn last(index: usize, at: usize) -> To {
        To { index: index << 2 | 3, at }
    }

    fn uses(self) -> Use {
        [Use::Only, Use::First, Use::Middle, Use::Last][self.index & 3]
    }
}

/// The pass for the gradients of weights, over a whole batch.
pub struct ParamPass<'a, 's> {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// The batch.
    pub whole: Whole<'a>,
    /// Where gradients go.
    pub sink: &'a mut Sink<'s>,
}

impl<'a, 's> ParamPass<'a, 's> {
    /// A pass over this batch, and the model's inputs.
    #[inline]
    #[must_use]
    pub fn new(
        isa: Isa,
        whole: &'a mut Whole<'_>,
        sink: &'a mut Sink<'s>,
        inputs: &'a [&'a [f32]],
    ) -> ParamPass<'a, 's> {
        ParamPass { isa, whole: whole.with(inputs), sink }
    }

    /// Where the gradient of `len` weights goes, what it is computed from, and scratch; nothing if they are frozen or
    /// another thread's.
    pub(super) fn param<const I: usize>(&mut self, to: To, len: usize, ins: [Buf; I]) -> Option<Place<'_, I>> {
        let out = self.sink.param(to.index >> 2, to.at, len, to.uses())?;
        Some(place(out, &mut self.whole, ins))
    }

    /// The same for a kernel that can compute some of the gradient's rows. See [`Sink::some_rows`].
    pub(super) fn some_rows<const I: usize>(&mut self, to: To, len: usize, ins: [Buf; I]) -> Option<Place<'_, I>> {
        let out = self.sink.some_rows(to.index >> 2, to.at, len, to.uses())?;
        Some(place(out, &mut self.whole, ins))
    }

    /// The same for what is added to a gradient once, however often the weights are used. See [`Sink::penalty`].
    pub(super) fn penalty(&mut self, to: To, len: usize) -> Option<Out<'_>> {
        self.sink.penalty(to.index >> 2, to.at, len, to.uses())
    }

    /// State that the step computes anew, and what it is computed from; nothing if it is another thread's.
    pub(super) fn state<const I: usize>(
        &mut self,
        to: To,
        len: usize,
        ins: [Buf; I],
    ) -> Option<(&mut [f32], [&[f32]; I])> {
        let state = self.sink.own_state(to.at, len)?;
        Some((state, self.whole.step(ins).0))
    }

    /// The part of the sink for a layer that the compiler does not know: `len` weights. See [`Sink::part`].
    pub fn part(&mut self, to: To, len: usize) -> Option<(Sink<'_>, &mut Whole<'a>)> {
        Some((self.sink.part(to.index >> 2, to.at, len, to.uses())?, &mut self.whole))
    }
}

/// Where a gradient goes, what it is computed from, and scratch.
type Place<'p, const I: usize> = (Out<'p>, [&'p [f32]; I], &'p mut [f32]);

fn place<'p, const I: usize>(out: Out<'p>, whole: &'p mut Whole<'_>, ins: [Buf; I]) -> Place<'p, I> {
    let (ins, scratch) = whole.step(ins);
    (out, ins, scratch)
}
