//! `AdditiveAttention(use_scale, dropout, …)(query, value, key)`: the mean of the values, weighted by softmax(Σ scale · tanh(query + key)).

use super::attending::SWITCHES;
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct AdditiveAttention;

impl Layer for AdditiveAttention {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "AdditiveAttention",
            inputs: Arity::Several,
            args: &[("use_scale", Kind::Bool(true)), ("dropout", Kind::NotNegative(0.0)), ("seed", Kind::Seed)],
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["mask"]
    }

    fn switches(&self) -> &'static [&'static str] {
        SWITCHES
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let qvk = cx.attended(args, inputs, 3)?;
        let scale = if args.bool("use_scale", true) {
            let features = cx.shape(qvk[0]).last();
            Some(cx.along_dims(args, "scale", "GlorotUniform", &[features])?)
        } else {
            None
        };
        cx.attend_plainly(args, qvk, true, [scale, None])
    }
}
