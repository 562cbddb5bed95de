//! `GroupNormalization(groups, axis, epsilon, center, scale, …)`: layer normalization of groups of channels, over all positions.

use std::rc::Rc;

use quote::quote;

use super::given::require;
use super::kinds::Arity;
use super::normalized::WEIGHTS;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, Shape, ValueId, ops};

pub(super) struct GroupNormalization;

impl Layer for GroupNormalization {
    fn spec(&self) -> &'static Spec {
        const ARGS: [(&str, Kind); 11] = {
            let [a, b, c, d, e, f, g, h] = WEIGHTS;
            let (axis, epsilon) = (("axis", Kind::Int(-1)), ("epsilon", Kind::NotNegative(1e-3)));
            [("groups", Kind::Int(32)), axis, epsilon, a, b, c, d, e, f, g, h]
        };
        &Spec { name: "GroupNormalization", inputs: Arity::One, args: &ARGS }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn rounds_inputs(&self) -> bool {
        false
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let axis = cx.axes(args, "axis", &[args.int("axis", -1)], shape.rank())?[0];
        let channels = shape.dims[axis].clone();
        let given = args.int("groups", 32);
        let groups = match usize::try_from(given) {
            _ if given == -1 => channels.clone(),
            Ok(groups) if groups > 0 => Num::Lit(groups),
            _ => {
                let message = format!("`GroupNormalization`: `groups` must be 1 or more, or -1, got {given}");
                cx.error(args.span_of("groups"), message);
                return None;
            }
        };
        let depth = if given == -1 {
            Num::Lit(1)
        } else {
            require!(cx, args.span, group_normalization(shape, axis, groups.clone()))?;
            match (&channels, &groups) {
                (Num::Lit(c), Num::Lit(g)) => Num::Lit(c / g),
                (c, g) => Num::Const(quote!((#c / #g))),
            }
        };
        let ([gamma, beta], params) = cx.factors(args, std::slice::from_ref(&channels))?;
        let epsilon = cx.number(args, "epsilon", 1e-3).tokens;
        let op = |cx: &mut Lower<'_>, shape: &Shape| {
            let stats = cx.value(Shape::new(vec![groups.mul(&Num::Lit(2))]), None);
            let (outer, positions) = (Num::Lit(1), shape.outer());
            let centered = true;
            Rc::new(ops::Normalization { outer, positions, groups, depth, epsilon, centered, gamma, beta, stats })
                as Rc<dyn ops::Op>
        };
        Some(vec![cx.along_with(inputs[0], &[axis], params, op, |n| n)])
    }
}
