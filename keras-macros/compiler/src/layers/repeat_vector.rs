//! `RepeatVector(n)`: a vector n times, as the rows of a matrix.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::Axis;
use crate::graph::{Num, ValueId};

pub(super) struct RepeatVector;

impl Layer for RepeatVector {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "RepeatVector", inputs: Arity::One, args: &[("n", Kind::Size)] }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.rank(args, inputs[0], 1, "features")?;
        let n = args.size("n")?;
        super::given::require!(cx, args.span_of("n"), at_least_one(n))?;
        let matrix = shape.with_dims(vec![Num::Lit(1), shape.last()]);
        let mut axes = Axis::all(&matrix);
        axes[0].len = n.clone();
        axes[0].repeat = n.clone();
        Some(vec![cx.gather(inputs[0], axes, shape.with_dims(vec![n, shape.last()]))])
    }
}
