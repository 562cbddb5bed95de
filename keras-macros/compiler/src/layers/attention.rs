//! `Attention(use_scale, dropout, …)(query, value, key)`: the mean of the values, weighted by softmax(query · keyᵀ).

use std::rc::Rc;

use quote::quote;

use super::args::Arity;
use super::attending::Parts;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct Attention;

impl Layer for Attention {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Attention",
            inputs: Arity::Several,
            args: &[
                ("use_scale", Kind::Bool(false)),
                ("score_mode", Kind::Absent("scores are products of query and key, as with `dot`")),
                ("dropout", Kind::NotNegative(0.0)),
                ("seed", Kind::Seed),
            ],
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn switches(&self) -> &'static [&'static str] {
        &["use_causal_mask"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let [query, value, key] = cx.attended(args, inputs, 0)?;
        let (shape, values) = (cx.shape(query), cx.shape(value));
        let scale = args.bool("use_scale", false).then(|| cx.weight(args, "scale", vec![], "Ones"));
        let mask = cx.mask_of(query);
        let parts = Parts {
            query,
            key,
            value,
            heads: [Num::Lit(1), Num::Lit(1)],
            sizes: [shape.last(), values.last()],
            scale: quote!(1.0),
            masks: [None, cx.mask_of(value)],
            weight: scale,
            none: false,
            window: Num::Lit(0),
        };
        let y = cx.attend(args, parts);
        let Some(mask) = mask else { return Some(vec![y]) };
        let (n, shape) = (values.last(), cx.shape(y));
        Some(vec![cx.op(Rc::new(ops::Mask { n, fill: 0.0 }), vec![y, mask], vec![], shape)])
    }
}
