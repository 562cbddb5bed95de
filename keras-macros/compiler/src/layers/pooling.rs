//! `MaxPooling1D(pool_size, strides, padding, data_format)`, `MaxPooling2D(pool_size, …)`, `MaxPooling3D(pool_size, …)`: the
//! largest of each window; `AveragePooling1D(pool_size, strides, padding, data_format)`, `AveragePooling2D(pool_size, …)`,
//! `AveragePooling3D(pool_size, …)`: the mean of what a window sees of its input.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

/// Whether it is the largest.
pub(super) struct Pooling(Spatial, bool);

pub(super) const MAX1D: Pooling = Pooling(Spatial::One, true);
pub(super) const MAX2D: Pooling = Pooling(Spatial::Two, true);
pub(super) const MAX3D: Pooling = Pooling(Spatial::Three, true);
pub(super) const AVERAGE1D: Pooling = Pooling(Spatial::One, false);
pub(super) const AVERAGE2D: Pooling = Pooling(Spatial::Two, false);
pub(super) const AVERAGE3D: Pooling = Pooling(Spatial::Three, false);

/// The arguments for so many dimensions.
const fn args(size: Kind, dims: usize) -> [(&'static str, Kind); 4] {
    [
        ("pool_size", size),
        ("strides", Kind::OptionalSizes(dims)),
        ("padding", Kind::Padding),
        ("data_format", Kind::Channels),
    ]
}

macro_rules! spec {
    ($name:literal, $size:ident, $dims:literal) => {{
        const ARGS: [(&str, Kind); 4] = args(Kind::$size($dims), $dims);
        &Spec { name: $name, inputs: Arity::One, args: &ARGS }
    }};
}

impl Layer for Pooling {
    fn spec(&self) -> &'static Spec {
        match self {
            Pooling(Spatial::One, true) => spec!("MaxPooling1D", Sizes, 1),
            Pooling(Spatial::Two, true) => spec!("MaxPooling2D", Sizes, 2),
            Pooling(Spatial::Three, true) => spec!("MaxPooling3D", Sizes, 3),
            Pooling(Spatial::One, false) => spec!("AveragePooling1D", RequiredSizes, 1),
            Pooling(Spatial::Two, false) => spec!("AveragePooling2D", RequiredSizes, 2),
            Pooling(Spatial::Three, false) => spec!("AveragePooling3D", RequiredSizes, 3),
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let shape = cx.shape(x);
        let (two, one) = (vec![Num::Lit(2); dims], vec![Num::Lit(1); dims]);
        let size = args.sizes("pool_size").unwrap_or(&two);
        let strides = args.sizes("strides").unwrap_or(size);
        let padding = args.padding("padding");
        let (out, windows) = cx.windows(args, &shape, "pool_size", size, [strides, &one], padding)?;
        let op = ops::Pool { max: self.1, n: shape.last(), windows };
        let y = cx.op(Rc::new(op), vec![x], vec![], out);
        Some(vec![cx.channels_back(args, y, dims)])
    }
}
