//! `AlphaDropout(rate, noise_shape, seed)`.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct AlphaDropout;

impl Layer for AlphaDropout {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "AlphaDropout",
            inputs: Arity::One,
            args: &[("rate", Kind::Share), ("noise_shape", Kind::NoiseShape), ("seed", Kind::Seed)],
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let rate = cx.below_one(args, "rate")?;
        let (by_sample, own) = cx.noise_shape(args, inputs[0])?;
        Some(vec![cx.shaped_dropout(args, inputs[0], rate, true, by_sample, &own)])
    }
}
