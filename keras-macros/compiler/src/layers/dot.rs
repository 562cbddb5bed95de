//! `Dot(axes, normalize)(a, b)`: the product of two inputs in each sample, summed along a dimension of each.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::Op;
use crate::graph::{Num, ValueId, ops};

pub(super) struct Dot;

impl Layer for Dot {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Dot", inputs: Arity::Several, args: &[("axes", Kind::Ints), ("normalize", Kind::Bool(false))] }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let &[a, b] = inputs else {
            cx.error(args.span, format!("`Dot` takes two inputs, found {}", inputs.len()));
            return None;
        };
        let given = args.ints("axes").unwrap_or(&[-1]);
        let (of_a, of_b) = match *given {
            [axis] => (axis, axis),
            [of_a, of_b] => (of_a, of_b),
            _ => {
                let message = format!("`Dot`: `axes` is an axis of both inputs, or one of each, found {}", given.len());
                cx.error(args.span_of("axes"), message);
                return None;
            }
        };
        let (shape_a, shape_b) = (cx.shape(a), cx.shape(b));
        let axis_a = cx.axes(args, "axes", &[of_a], shape_a.rank())?[0];
        let axis_b = cx.axes(args, "axes", &[of_b], shape_b.rank())?[0];
        let rest = shape_a.rank() + shape_b.rank() - 2;
        let shape = super::given::infer!(cx, args.span, rest.max(1), dot(shape_a, shape_b, axis_a, axis_b))?;
        let [(a, m, k), (b, n, _)] = [(a, axis_a), (b, axis_b)].map(|(value, axis)| {
            let value = if args.bool("normalize", false) {
                let op = |n| Rc::new(ops::UnitNormalization(n)) as Rc<dyn Op>;
                cx.along(value, &[axis], op, |n| n)
            } else {
                value
            };
            let shape = cx.shape(value);
            let order: Vec<usize> = (0..shape.rank()).filter(|&dim| dim != axis).chain([axis]).collect();
            let rows: Vec<Num> = order[..shape.rank() - 1].iter().map(|&dim| shape.dims[dim].clone()).collect();
            (cx.permute(value, &order), Num::product(&rows), shape.dims[axis].clone())
        });
        Some(vec![cx.op(Rc::new(ops::Dot { m, n, k }), vec![a, b], vec![], shape)])
    }
}
