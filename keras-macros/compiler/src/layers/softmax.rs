//! `Softmax(axis)`: shares that add up to 1; of what a mask counts, if it is called with one: `Softmax()(x, mask = m)`.

use super::activations::{Activated, Rows};
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Softmax;

impl Layer for Softmax {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Softmax", inputs: Arity::One, args: &[("axis", Kind::OptionalInts)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["mask"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let axes = args.ints("axis").unwrap_or(&[-1]).to_vec();
        let softmax = Activated::Rows(Rows::Softmax, axes);
        let Some(mask) = cx.mask_given(args, "mask")? else {
            return Some(vec![cx.activated(inputs[0], &softmax, args, "axis")?]);
        };
        let mask = spread(mask, inputs[0], args, cx)?;
        let x = cx.filled(inputs[0], mask, LEFT_OUT);
        let y = cx.activated(x, &softmax, args, "axis")?;
        // Where nothing counts, all shares would be equal.
        Some(vec![cx.filled(y, mask, 0.0)])
    }
}

/// What Keras puts in the place of numbers that a mask leaves out.
const LEFT_OUT: f32 = -1e9;

/// A mask with a number for each element of the input. Nothing after a mistake.
fn spread(mask: ValueId, x: ValueId, args: &Args, cx: &mut Lower<'_>) -> Option<ValueId> {
    let (of_mask, shape) = (cx.shape(mask), cx.shape(x));
    if of_mask.opaque.is_some() || shape.opaque.is_some() {
        cx.rank_unknown(args.span, args.spec.name);
        return None;
    }
    super::given::require!(cx, args.span, softmax_mask(of_mask, shape))?;
    Some(cx.repeated(mask, &shape))
}
