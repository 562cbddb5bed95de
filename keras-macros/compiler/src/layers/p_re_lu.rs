//! `PReLU(alpha_initializer, alpha_regularizer, alpha_constraint, shared_axes)`: x, or alpha·x below 0.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, Shape, ValueId, ops};

pub(super) struct PReLU;

impl Layer for PReLU {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "PReLU",
            inputs: Arity::One,
            args: &[
                ("alpha_initializer", Kind::Initializer("Zeros")),
                ("alpha_regularizer", Kind::Regularizer),
                ("alpha_constraint", Kind::Constraint),
                ("shared_axes", Kind::OptionalInts),
            ],
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let shared = cx.axes(args, "shared_axes", args.ints("shared_axes").unwrap_or(&[]), shape.rank())?;
        let one = |(i, dim): (usize, &Num)| if shared.contains(&i) { Num::Lit(1) } else { dim.clone() };
        let slopes: Vec<Num> = shape.dims.iter().enumerate().map(one).collect();
        let alpha = cx.weight(args, "alpha", slopes.clone(), "Zeros");
        let built = Shape::new(cx.graph.params[alpha].shape.clone());
        if built.rank() != slopes.len() || built.dims.iter().zip(&slopes).any(|(a, b)| !a.same(b)) {
            let slopes = Shape::new(slopes);
            super::given::require!(cx, args.span, shared_whole(slopes, built))?;
        }
        let dims = shape.dims.iter().enumerate().map(|(i, dim)| (dim.clone(), shared.contains(&i))).collect();
        Some(vec![cx.op(Rc::new(ops::PRelu(dims)), vec![inputs[0]], vec![alpha], shape)])
    }
}
