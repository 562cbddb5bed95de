//! `GlobalMaxPooling1D(data_format, keepdims)`, `GlobalMaxPooling2D(data_format, keepdims)`, `GlobalMaxPooling3D(data_format, …)`:
//! the largest over all positions; `GlobalAveragePooling1D(data_format, keepdims)`, `GlobalAveragePooling2D(data_format, …)`,
//! `GlobalAveragePooling3D(data_format, …)`: their mean.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::windowed::three;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

/// Whether it is the largest.
pub(super) struct Global(Spatial, bool);

pub(super) const MAX1D: Global = Global(Spatial::One, true);
pub(super) const MAX2D: Global = Global(Spatial::Two, true);
pub(super) const MAX3D: Global = Global(Spatial::Three, true);
pub(super) const AVERAGE1D: Global = Global(Spatial::One, false);
pub(super) const AVERAGE2D: Global = Global(Spatial::Two, false);
pub(super) const AVERAGE3D: Global = Global(Spatial::Three, false);

const ARGS: [(&str, Kind); 2] = [("data_format", Kind::Channels), ("keepdims", Kind::Bool(false))];

macro_rules! spec {
    ($name:literal) => {
        &Spec { name: $name, inputs: Arity::One, args: &ARGS }
    };
}

impl Layer for Global {
    fn spec(&self) -> &'static Spec {
        match self {
            Global(Spatial::One, true) => spec!("GlobalMaxPooling1D"),
            Global(Spatial::Two, true) => spec!("GlobalMaxPooling2D"),
            Global(Spatial::Three, true) => spec!("GlobalMaxPooling3D"),
            Global(Spatial::One, false) => spec!("GlobalAveragePooling1D"),
            Global(Spatial::Two, false) => spec!("GlobalAveragePooling2D"),
            Global(Spatial::Three, false) => spec!("GlobalAveragePooling3D"),
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let shape = cx.shape(x);
        let n = three(&shape.dims[..dims], 1);
        let windows = ops::Windows {
            k: n.clone(),
            n,
            stride: three(&[], 1),
            dilation: three(&[], 1),
            before: three(&[], 0),
            out: three(&[], 1),
        };
        let features = shape.last();
        let op = ops::Pool { max: self.1, n: features.clone(), windows };
        let mut kept = vec![features];
        let y = cx.op(Rc::new(op), vec![x], vec![], shape.with_dims(kept.clone()));
        if !args.bool("keepdims", false) {
            return Some(vec![y]);
        }
        let at = if args.bool("data_format", false) { 1 } else { 0 };
        kept.splice(at..at, vec![Num::Lit(1); dims]);
        Some(vec![cx.alias(y, shape.with_dims(kept))])
    }
}
