//! `AdaptiveMaxPooling1D(output_size, data_format)`, `AdaptiveMaxPooling2D(output_size, …)`, `AdaptiveMaxPooling3D(output_size, …)`:
//! the largest of each of so many windows, which cover the input; `AdaptiveAveragePooling1D(output_size, data_format)`,
//! `AdaptiveAveragePooling2D(output_size, …)`, `AdaptiveAveragePooling3D(output_size, …)`: the mean of each.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::windowed::{sizes, three};
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{ValueId, ops};

/// Whether it is the largest.
pub(super) struct Adaptive(Spatial, bool);

pub(super) const MAX1D: Adaptive = Adaptive(Spatial::One, true);
pub(super) const MAX2D: Adaptive = Adaptive(Spatial::Two, true);
pub(super) const MAX3D: Adaptive = Adaptive(Spatial::Three, true);
pub(super) const AVERAGE1D: Adaptive = Adaptive(Spatial::One, false);
pub(super) const AVERAGE2D: Adaptive = Adaptive(Spatial::Two, false);
pub(super) const AVERAGE3D: Adaptive = Adaptive(Spatial::Three, false);

macro_rules! spec {
    ($name:literal, $dims:literal) => {
        &Spec {
            name: $name,
            inputs: Arity::One,
            args: &[("output_size", Kind::RequiredSizes($dims)), ("data_format", Kind::Channels)],
        }
    };
}

impl Layer for Adaptive {
    fn spec(&self) -> &'static Spec {
        match self {
            Adaptive(Spatial::One, true) => spec!("AdaptiveMaxPooling1D", 1),
            Adaptive(Spatial::Two, true) => spec!("AdaptiveMaxPooling2D", 2),
            Adaptive(Spatial::Three, true) => spec!("AdaptiveMaxPooling3D", 3),
            Adaptive(Spatial::One, false) => spec!("AdaptiveAveragePooling1D", 1),
            Adaptive(Spatial::Two, false) => spec!("AdaptiveAveragePooling2D", 2),
            Adaptive(Spatial::Three, false) => spec!("AdaptiveAveragePooling3D", 3),
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let shape = cx.shape(x);
        let size = args.sizes("output_size")?;
        let given = sizes(size);
        super::given::require!(cx, args.span_of("output_size"), adaptive(shape, given))?;
        let out = shape.with_dims(size.iter().cloned().chain([shape.last()]).collect());
        let windows = ops::Windows {
            n: three(&shape.dims[..dims], 1),
            k: three(&[], 1),
            stride: three(&[], 0),
            dilation: three(&[], 1),
            before: three(&[], 0),
            out: three(size, 1),
        };
        let op = ops::Pool { max: self.1, n: shape.last(), windows };
        let y = cx.op(Rc::new(op), vec![x], vec![], out);
        Some(vec![cx.channels_back(args, y, dims)])
    }
}
