//! Recurrent layers by the products and activations of an instruction set.

use super::cells::Step;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::lanes;
use super::scalar::{backward_step, forward_step};
use super::taken::Taken;
use super::time::{Engine, gathered};
use super::{Recurrent, Saved, TOGETHER, Weights, params};
use crate::Isa;
use crate::dispatch::per_isa;
use crate::gemm::view::{Begin, View, ViewMut, product, transpose};

/// Products with U, and with its transpose, which is made once for all steps. Where a mask leaves out a step of some samples,
/// only the others are computed.
pub(super) struct Fast<'a> {
    isa: Isa,
    u: &'a [f32],
    transposed: &'a [f32],
    units: usize,
    n: usize,
    w: Weights<'a, f32>,
    /// x, if the projections are made step by step.
    x: Option<&'a [f32]>,
    /// Room for rows that are to lie side by side.
    tmp: &'a mut [f32],
}

impl<'a> Fast<'a> {
    /// For a forward pass.
    ///
    /// # Panics
    /// If U has another length than the sizes say.
    pub(super) fn new(isa: Isa, l: &Recurrent, w: Weights<'a, f32>, tmp: &'a mut [f32]) -> Fast<'a> {
        let (u, units, n) = (w.recurrent, l.units, l.n());
        assert!(u.len() == units * n, "a recurrent kernel of {} weights instead of {units} × {n}", u.len());
        Fast { isa, u, transposed: &[], units, n, w, x: None, tmp }
    }

    /// For a backward pass; the transpose of U goes to `tmp`.
    ///
    /// # Panics
    /// If U has another length than the sizes say, or there is too little room.
    pub(super) fn back(isa: Isa, l: &Recurrent, w: Weights<'a, f32>, tmp: &'a mut [f32]) -> Fast<'a> {
        let (transposed, tmp) = tmp.split_at_mut(l.units * l.n());
        transpose(isa, transposed, w.recurrent, l.units);
        Fast { transposed, ..Fast::new(isa, l, w, tmp) }
    }

    /// Has each step begin with its projection x·W + b.
    pub(super) fn project(&mut self, x: &'a [f32]) {
        self.x = Some(x);
    }
}

impl Engine<f32> for Fast<'_> {
    fn begin(&mut self, step: &Step<'_, f32>, saved: &mut Saved<'_, f32>) {
        let Step { l, t, apart, some, .. } = *step;
        let (n, [b, _], w) = (self.n, self.w.biases(l), self.w.kernel);
        match self.x {
            Some(x) => {
                let c = match apart && some.is_none() {
                    true => ViewMut { data: &mut *saved.gates, at: t * n, stride: l.steps * n },
                    false => ViewMut { data: &mut *saved.sums, at: 0, stride: n },
                };
                params::project(self.isa, l, c, (x, t, l.steps), w, b, Taken::of(step), self.tmp);
                if apart && some.is_some() {
                    for (row, sums) in saved.sums.chunks_exact(n).take(step.rows()).enumerate() {
                        saved.gates[(step.sample(row) * l.steps + t) * n..][..n].copy_from_slice(sums);
                    }
                }
            }
            None if apart => {}
            None => gathered(step, saved),
        }
    }

    fn some<'r>(&self, step: &Step<'_, f32>, room: &'r mut [u8; TOGETHER]) -> Option<&'r [u8]> {
        step.mask?;
        let mut many = 0;
        for row in 0..step.samples {
            room[many] = row as u8;
            many += usize::from(!step.is_left_out(row));
        }
        (many < step.samples).then_some(&room[..many])
    }

    fn product(
        &mut self,
        step: &Step<'_, f32>,
        c: ViewMut<'_, f32>,
        a: View<'_, f32>,
        col: usize,
        n: usize,
        begin: Begin<'_, f32>,
    ) {
        let u = View::rows(self.u, col, self.n);
        Taken::of(step).product(self.isa, c, a, u, [n, self.units], begin, self.tmp);
    }

    fn transposed(
        &mut self,
        c: ViewMut<'_, f32>,
        d: View<'_, f32>,
        m: usize,
        col: usize,
        n: usize,
        begin: Begin<'_, f32>,
    ) {
        let b = View::rows(self.transposed, col * self.units, self.units);
        product(self.isa, c, d, b, [m, self.units, n], begin, &mut []);
    }

    fn carried(&mut self, step: &Step<'_, f32>, state: ViewMut<'_, f32>, d: View<'_, f32>, col: usize, n: usize) {
        let u = View::rows(self.transposed, col * self.units, self.units);
        Taken::of(step).add(self.isa, state, d, u, [self.units, n], self.tmp);
    }

    fn forward(&mut self, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
        forward(self.isa, step, saved);
    }

    fn backward(&mut self, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
        backward(self.isa, step, saved);
    }
}

pub(crate) fn forward(isa: Isa, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
    per_isa!(isa, lanes::forward(step: Step<'_, f32>, saved: &mut Saved<'_, f32>), forward_step)
}

pub(crate) fn backward(isa: Isa, step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
    per_isa!(isa, lanes::backward(step: Step<'_, f32>, saved: &mut Saved<'_, f32>), backward_step)
}
