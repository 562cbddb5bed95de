//! `UpSampling1D(size)`, `UpSampling2D(size, data_format, interpolation)`, `UpSampling3D(size, data_format)`: each position
//! several times, or as many positions between those that there are.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::{Axis, Interpolate};
use crate::graph::{Num, ValueId};

pub(super) struct UpSampling(Spatial);

pub(super) const UP_SAMPLING1D: UpSampling = UpSampling(Spatial::One);
pub(super) const UP_SAMPLING2D: UpSampling = UpSampling(Spatial::Two);
pub(super) const UP_SAMPLING3D: UpSampling = UpSampling(Spatial::Three);

impl Layer for UpSampling {
    fn spec(&self) -> &'static Spec {
        const FORMAT: (&str, Kind) = ("data_format", Kind::Channels);
        match self.0 {
            Spatial::One => &Spec { name: "UpSampling1D", inputs: Arity::One, args: &[("size", Kind::Sizes(1))] },
            Spatial::Two => &Spec {
                name: "UpSampling2D",
                inputs: Arity::One,
                args: &[("size", Kind::Sizes(2)), FORMAT, ("interpolation", Kind::Interpolation)],
            },
            Spatial::Three => {
                &Spec { name: "UpSampling3D", inputs: Arity::One, args: &[("size", Kind::Sizes(3)), FORMAT] }
            }
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let (shape, first) = cx.spatial(args, inputs[0], dims)?;
        let default = vec![Num::Lit(2); dims];
        let sizes = args.sizes("size").unwrap_or(&default);
        for size in sizes {
            super::given::require!(cx, args.span_of("size"), at_least_one(size))?;
        }
        if let Some(method) = args.word("interpolation") {
            return Some(vec![between(inputs[0], first, sizes, method, cx)]);
        }
        let (mut axes, mut out) = (Axis::all(&shape), shape);
        for (i, size) in (first..).zip(sizes) {
            out.dims[i] = out.dims[i].mul(size);
            axes[i].len = out.dims[i].clone();
            axes[i].repeat = size.clone();
        }
        Some(vec![cx.gather(inputs[0], axes, out)])
    }
}

/// Positions between those that there are, along the dimensions from the first spatial one on.
fn between(x: ValueId, first: usize, sizes: &[Num], method: &'static str, cx: &mut Lower<'_>) -> ValueId {
    let mut x = x;
    if sizes.iter().all(|size| size.known() == Some(1)) {
        let shape = cx.shape(x);
        return cx.alias(x, shape);
    }
    // The last dimension first: what it takes is then done for fewer rows.
    for (i, size) in sizes.iter().enumerate().rev().filter(|(_, size)| size.known() != Some(1)) {
        let (i, mut shape) = (first + i, cx.shape(x));
        let op = Interpolate {
            n: shape.dims[i].clone(),
            size: size.clone(),
            inner: Num::product(&shape.dims[i + 1..]),
            method,
        };
        shape.dims[i] = shape.dims[i].mul(size);
        x = cx.op(Rc::new(op), vec![x], vec![], shape);
    }
    x
}
