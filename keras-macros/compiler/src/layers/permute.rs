//! `Permute(dims)`: the dimensions in another order, counted from 1.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct Permute;

impl Layer for Permute {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Permute", inputs: Arity::One, args: &[("dims", Kind::Ints)] }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let dims = args.ints("dims")?;
        let mut sorted = dims.to_vec();
        sorted.sort_unstable();
        if sorted.len() != shape.rank() || sorted.iter().zip(1..).any(|(&dim, i)| dim != i) {
            let all = (1..=shape.rank()).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
            let message = format!("`Permute`: `dims` must be an order of ({all}), the dimensions of the input");
            cx.error(args.span_of("dims"), message);
            return None;
        }
        let order: Vec<usize> = dims.iter().map(|&dim| dim as usize - 1).collect();
        let permuted = cx.permute(inputs[0], &order);
        let shape = cx.shape(permuted);
        Some(vec![if permuted == inputs[0] { cx.alias(permuted, shape) } else { permuted }])
    }
}
