//! `GaussianDropout(rate, seed)`.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct GaussianDropout;

impl Layer for GaussianDropout {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "GaussianDropout", inputs: Arity::One, args: &[("rate", Kind::Share), ("seed", Kind::Seed)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let rate = cx.below_one(args, "rate")?;
        let shape = cx.shape(inputs[0]);
        if rate.known == Some(0.0) {
            return Some(vec![cx.alias(inputs[0], shape)]);
        }
        let (stream, seed) = (cx.stream(), args.seed("seed"));
        let op = ops::Noise { amount: rate.tokens, multiplied: true, stream, seed };
        Some(vec![cx.op(Rc::new(op), vec![inputs[0]], vec![], shape)])
    }
}
