//! `Dropout(rate, noise_shape, seed)`.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Dropout;

impl Layer for Dropout {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Dropout",
            inputs: Arity::One,
            args: &[("rate", Kind::Share), ("noise_shape", Kind::NoiseShape), ("seed", Kind::Seed)],
        }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let rate = cx.number(args, "rate", 0.0);
        let shape = cx.shape(inputs[0]);
        if rate.known == Some(0.0) {
            return Some(vec![cx.alias(inputs[0], shape)]);
        }
        if args.noise_shape("noise_shape").is_some() {
            let (by_sample, own) = cx.noise_shape(args, inputs[0])?;
            return Some(vec![cx.shaped_dropout(args, inputs[0], rate, false, by_sample, &own)]);
        }
        let op = ops::Dropout { rate: rate.tokens, stream: cx.stream(), seed: args.seed("seed") };
        Some(vec![cx.op(Rc::new(op), vec![inputs[0]], vec![], shape)])
    }
}
