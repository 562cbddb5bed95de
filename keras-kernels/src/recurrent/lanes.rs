//! The arithmetic of a step in lanes, for Keras's own activations; others are taken one by one.

use core::ops::Range;

use super::cells::{self, Curve, Half};
use super::scalar::Any;
use super::{Cell, Recurrent, Saved};
use crate::activation::Act;
use crate::activation::lanes::{Relu, Sigmoid, Tanh};
use crate::lanes::{Function, Function2};

/// An activation whose slope is worked out from its value.
#[derive(Clone, Copy)]
struct Lane<F>(F);

impl<F: Function + Function2> Curve<f32> for Lane<F> {
    #[inline(always)]
    fn of(self, x: f32) -> f32 {
        Function::of(self.0, x)
    }

    #[inline(always)]
    fn slope(self, y: f32, _: f32) -> f32 {
        Function2::of(self.0, 1.0, y)
    }
}

macro_rules! by_curves {
    ($function:path, $l:ident $(, $arg:expr)*) => {
        match ($l.act, $l.recurrent_act) {
            (Act::Tanh, Act::Sigmoid) => $function($l $(, $arg)*, Lane(Tanh {}), Lane(Sigmoid {})),
            (Act::Tanh, _) if $l.cell == Cell::Simple => $function($l $(, $arg)*, Lane(Tanh {}), Lane(Tanh {})),
            (Act::Relu, _) if $l.cell == Cell::Simple => $function($l $(, $arg)*, Lane(Relu), Lane(Relu)),
            (act, gate) => $function($l $(, $arg)*, Any(act), Any(gate)),
        }
    };
}

#[inline(always)]
pub(super) fn forward(
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    by_curves!(cells::forward, l, s, mask, rows, t, half)
}

#[inline(always)]
pub(super) fn backward(
    l: &Recurrent,
    s: &mut Saved<'_, f32>,
    mask: Option<&[f32]>,
    rows: Range<usize>,
    t: usize,
    half: Half,
) {
    by_curves!(cells::backward, l, s, mask, rows, t, half)
}
