//! `Concatenate(axis)(a, b, …)`.

use std::rc::Rc;

use super::args::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct Concatenate;

impl Layer for Concatenate {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Concatenate", inputs: Arity::Several, args: &[("axis", Kind::Int(-1))] }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shapes: Vec<_> = inputs.iter().map(|&input| cx.shape(input)).collect();
        let rank = shapes[0].rank();
        // Keras counts the batch as axis 0, and negative axes from the end.
        let axis = match args.int("axis", -1) {
            axis if axis < 0 => rank as i64 + axis,
            axis => axis - 1,
        };
        let Some(axis) = usize::try_from(axis).ok().filter(|&axis| axis < rank) else {
            let given = args.int("axis", -1);
            let all = if rank == 1 { "1 or -1".to_string() } else { format!("1 to {rank}, or -{rank} to -1") };
            let message = format!("`Concatenate`: `axis` must be {all}, got {given} (0 is the batch)");
            cx.error(args.span_of("axis"), message);
            return None;
        };
        let mut shape = shapes[0].clone();
        for other in &shapes[1..] {
            super::given::require!(cx, args.span, concatenate(shape, other, axis))?;
            let along = other.dims.get(axis).map_or(Num::Lit(0), |dim| shape.dims[axis].add(dim));
            shape = shape.and(other);
            shape.dims[axis] = along;
        }
        let outer = Num::product(&shape.dims[..axis]);
        let widths = shapes.iter().map(|shape| Num::product(&shape.dims[axis.min(shape.rank())..])).collect();
        Some(vec![cx.op(Rc::new(ops::Concatenate { outer, widths }), inputs.to_vec(), vec![], shape)])
    }
}
