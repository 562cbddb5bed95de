//! `Attention(use_scale, score_mode, dropout, …)(query, value, key)`: the mean of the values, weighted by softmax(query · keyᵀ).

use std::rc::Rc;

use quote::quote;

use super::attending::{Attended, Parts, SWITCHES};
use super::given::require;
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ParamId, Shape, ValueId, ops};

pub(super) struct Attention;

impl Layer for Attention {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Attention",
            inputs: Arity::Several,
            args: &[
                ("use_scale", Kind::Bool(false)),
                ("score_mode", Kind::ScoreMode),
                ("dropout", Kind::NotNegative(0.0)),
                ("seed", Kind::Seed),
            ],
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
        let qvk = cx.attended(args, inputs, 0)?;
        let scale = args.bool("use_scale", false).then(|| cx.weight(args, "scale", vec![], "Ones"));
        let additive = args.word("score_mode") == Some("concat");
        let factors = if additive {
            [Some(cx.weight(args, "concat_score_weight", vec![], "Ones")), scale]
        } else {
            [scale, None]
        };
        cx.attend_plainly(args, qvk, additive, factors)
    }
}

impl Lower<'_> {
    /// Attention of one head that nothing is projected for.
    pub(super) fn attend_plainly(
        &mut self,
        args: &Args,
        [query, value, key]: [ValueId; 3],
        additive: bool,
        factors: [Option<ParamId>; 2],
    ) -> Option<Vec<ValueId>> {
        let (shape, values) = (self.shape(query), self.shape(value));
        let [mut of_query, mut of_value] = [query, value].map(|value| self.mask_of(value));
        if let Some(masks) = self.keyword("mask") {
            let [queries, keys] = masks[..] else {
                let message =
                    format!("`{}`: `mask` is a list of that of the query and that of the value", args.spec.name);
                self.error(args.span, message);
                return None;
            };
            for (mask, of) in [(queries, &shape), (keys, &values)] {
                let (mask, steps) = (self.shape(mask), Shape::new(vec![of.dims[0].clone()]));
                require!(self, args.span, step_mask(mask, steps))?;
            }
            [of_query, of_value] = [queries, keys].map(|mask| Some(self.floats(mask)));
        }
        let parts = Parts {
            query,
            key,
            value,
            heads: [Num::Lit(1), Num::Lit(1)],
            sizes: [shape.last(), values.last()],
            additive,
            scale: quote!(1.0),
            masks: [None, of_value, None],
            factors,
            none: false,
            window: Num::Lit(0),
        };
        let Attended { mut y, scores } = self.attend(args, parts);
        if let Some(mask) = of_query {
            let (n, shape) = (values.last(), self.shape(y));
            y = self.op(Rc::new(ops::Mask { n, fill: 0.0 }), vec![y, mask], vec![], shape);
        }
        let scores = scores.map(|[_, after]| {
            let of_head = self.shape(after);
            let dims = of_head.dims[1..].to_vec();
            self.alias(after, of_head.with_dims(dims))
        });
        Some([Some(y), scores].into_iter().flatten().collect())
    }
}
