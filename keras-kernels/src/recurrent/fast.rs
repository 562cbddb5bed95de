//! Recurrent layers by the products and activations of an instruction set.

use core::ops::Range;

use super::cells::Half;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::lanes;
use super::scalar::Any;
use super::time::Engine;
use super::{Recurrent, Saved, Weights};
use crate::Isa;
use crate::dispatch::per_isa;
use crate::gemm::view::{Begin, View, ViewMut, product, transpose};

/// Products with U, and with its transpose, which is made once for all steps.
pub(super) struct Fast<'a> {
    isa: Isa,
    u: &'a [f32],
    transposed: &'a [f32],
    units: usize,
    n: usize,
}

impl<'a> Fast<'a> {
    /// `tmp` is room for the transpose of U; none in a forward pass.
    ///
    /// # Panics
    /// If U has another length than the sizes say, or there is too little room.
    pub(super) fn new(isa: Isa, l: &Recurrent, w: Weights<'a, f32>, tmp: &'a mut [f32]) -> Fast<'a> {
        let (u, units, n) = (w.recurrent, l.units, l.n());
        assert!(u.len() == units * n, "a recurrent kernel of {} weights instead of {units} × {n}", u.len());
        let mut transposed = &mut [][..];
        if !tmp.is_empty() {
            transposed = &mut tmp[..units * n];
            transpose(isa, transposed, u, units);
        }
        Fast { isa, u, transposed, units, n }
    }
}

impl Engine<f32> for Fast<'_> {
    fn product(
        &mut self,
        c: ViewMut<'_, f32>,
        a: View<'_, f32>,
        m: usize,
        col: usize,
        n: usize,
        begin: Begin<'_, f32>,
    ) {
        product(self.isa, c, a, View::rows(self.u, col, self.n), [m, n, self.units], begin, &mut []);
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

    fn forward(
        &mut self,
        l: &Recurrent,
        s: &mut Saved<'_, f32>,
        mask: Option<&[f32]>,
        rows: Range<usize>,
        t: usize,
        half: Half,
    ) {
        forward(self.isa, l, s, mask, rows, t, half);
    }

    fn backward(
        &mut self,
        l: &Recurrent,
        s: &mut Saved<'_, f32>,
        mask: Option<&[f32]>,
        rows: Range<usize>,
        t: usize,
        half: Half,
    ) {
        backward(self.isa, l, s, mask, rows, t, half);
    }
}

fn forward(
    isa: Isa,
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    per_isa!(
        isa,
        lanes::forward(
            l: &Recurrent,
            s: &mut Saved<'_, f32>,
            mask: Option<&[f32]>,
            rows: Range<usize>,
            t: usize,
            half: Half
        ),
        plain_forward
    )
}

fn backward(
    isa: Isa,
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    per_isa!(
        isa,
        lanes::backward(
            l: &Recurrent,
            s: &mut Saved<'_, f32>,
            mask: Option<&[f32]>,
            rows: Range<usize>,
            t: usize,
            half: Half
        ),
        plain_backward
    )
}

fn plain_forward(
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    super::cells::forward(l, s, mask, rows, t, half, Any(l.act), Any(l.recurrent_act));
}

fn plain_backward(
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    super::cells::backward(l, s, mask, rows, t, half, Any(l.act), Any(l.recurrent_act));
}
