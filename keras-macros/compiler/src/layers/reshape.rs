//! `Reshape(target_shape)`: the same numbers under another shape.

use super::bound::Dim;
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, Shape, ValueId};

pub(super) struct Reshape;

impl Layer for Reshape {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Reshape", inputs: Arity::One, args: &[("target_shape", Kind::TargetShape)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let dims = args.dims("target_shape")?;
        let infer = dims.iter().position(|dim| matches!(dim, Dim::Infer));
        let sizes = dims.iter().map(|dim| match dim {
            Dim::Size(n) => n.clone(),
            Dim::Infer => Num::Lit(1),
        });
        let target = Shape::new(sizes.collect());
        let span = args.span_of("target_shape");
        let out = match infer {
            Some(i) => {
                let mut out = super::given::infer!(cx, span, target.rank(), reshape(shape, target, infer))?;
                for (at, dim) in target.dims.iter().enumerate().filter(|(at, _)| *at != i) {
                    out.dims[at] = dim.clone();
                }
                out
            }
            None => {
                super::given::require!(cx, span, reshape(shape, target, infer))?;
                shape.with_dims(target.dims)
            }
        };
        Some(vec![cx.alias(inputs[0], out)])
    }
}
