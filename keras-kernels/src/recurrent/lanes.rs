//! The arithmetic of a step in lanes, for Keras's own activations; others are taken one by one.

use super::cells::{self, Curve, NARROW, Step};
use super::scalar::Any;
use super::{Cell, Saved};
use crate::activation::Act;
use crate::activation::lanes::{Relu, Sigmoid, Tanh};
use crate::lanes::{Function, Function2};

/// From so many units on, elements are taken so many at a time; below, [`NARROW`].
const WIDE: usize = 64;

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
    ($function:ident, $step:ident, $saved:ident) => {
        if $step.l.units < WIDE {
            by_curves!($function::<NARROW>, $step, $saved)
        } else {
            by_curves!($function::<WIDE>, $step, $saved)
        }
    };
    ($function:ident::<$block:ident>, $step:ident, $saved:ident) => {
        match ($step.l.act, $step.l.recurrent_act) {
            (Act::Tanh, Act::Sigmoid) => cells::$function::<_, $block>($step, $saved, Lane(Tanh {}), Lane(Sigmoid {})),
            (Act::Tanh, _) if $step.l.cell == Cell::Simple => {
                cells::$function::<_, $block>($step, $saved, Lane(Tanh {}), Lane(Tanh {}))
            }
            (Act::Relu, _) if $step.l.cell == Cell::Simple => {
                cells::$function::<_, $block>($step, $saved, Lane(Relu), Lane(Relu))
            }
            (act, gate) => cells::$function::<_, $block>($step, $saved, Any(act), Any(gate)),
        }
    };
}

#[inline(always)]
pub(super) fn forward(step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
    by_curves!(forward, step, saved)
}

#[inline(always)]
pub(super) fn backward(step: Step<'_, f32>, saved: &mut Saved<'_, f32>) {
    by_curves!(backward, step, saved)
}
