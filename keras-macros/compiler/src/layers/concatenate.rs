//! `Concatenate(axis)(a, b, …)`.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct Concatenate;

impl Layer for Concatenate {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Concatenate", inputs: Arity::Several, args: &[("axis", Kind::Int(-1))] }
    }

    fn masks(&self) -> Masks {
        Masks::Own
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
        let y = cx.op(Rc::new(ops::Concatenate { outer, widths }), inputs.to_vec(), vec![], shape);
        if let Some(mask) = joined(inputs, axis, cx) {
            cx.mask(y, mask);
        }
        Some(vec![y])
    }
}

/// The masks one behind the other as the inputs are, where all of an input without one counts; or, if the dimension is one
/// that masks do not have, a mask of what counts in any of the inputs. Nothing if all of it counts.
fn joined(inputs: &[ValueId], axis: usize, cx: &mut Lower<'_>) -> Option<ValueId> {
    let masks: Vec<Option<ValueId>> = inputs.iter().map(|&input| cx.mask_of(input)).collect();
    let rank = cx.shape(masks.iter().flatten().next().copied()?).rank();
    if axis >= rank {
        return cx.either(&masks);
    }
    let masks: Vec<ValueId> =
        inputs.iter().zip(&masks).map(|(&input, mask)| mask.unwrap_or_else(|| cx.all_count(input, rank))).collect();
    let shapes: Vec<_> = masks.iter().map(|&mask| cx.shape(mask)).collect();
    let mut shape = shapes[0].clone();
    for other in &shapes[1..] {
        shape.dims[axis] = shape.dims[axis].add(&other.dims[axis]);
    }
    let widths = shapes.iter().map(|shape| Num::product(&shape.dims[axis..])).collect();
    let op = ops::Concatenate { outer: Num::product(&shape.dims[..axis]), widths };
    Some(cx.op(Rc::new(op), masks, vec![], shape))
}
