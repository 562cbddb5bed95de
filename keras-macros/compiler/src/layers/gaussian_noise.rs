//! `GaussianNoise(stddev, seed)`.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct GaussianNoise;

impl Layer for GaussianNoise {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "GaussianNoise", inputs: Arity::One, args: &[("stddev", Kind::Share), ("seed", Kind::Seed)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let stddev = cx.number(args, "stddev", 0.0);
        let shape = cx.shape(inputs[0]);
        if stddev.known == Some(0.0) {
            return Some(vec![cx.alias(inputs[0], shape)]);
        }
        let (stream, seed) = (cx.stream(), args.seed("seed"));
        let op = ops::Noise { amount: stddev.tokens, multiplied: false, stream, seed };
        Some(vec![cx.op(Rc::new(op), vec![inputs[0]], vec![], shape)])
    }
}
