//! `SeparableConv1D(filters, kernel_size, strides, padding, …)`, `SeparableConv2D(filters, kernel_size, …)`: a convolution of
//! each channel by itself, and then of all channels of each position.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct SeparableConv(Spatial);

pub(super) const SEPARABLE_CONV1D: SeparableConv = SeparableConv(Spatial::One);
pub(super) const SEPARABLE_CONV2D: SeparableConv = SeparableConv(Spatial::Two);

/// The arguments for so many dimensions.
const fn args(dims: usize) -> [(&'static str, Kind); 19] {
    [
        ("filters", Kind::Size),
        ("kernel_size", Kind::RequiredSizes(dims)),
        ("strides", Kind::Ones(dims)),
        ("padding", Kind::Padding),
        ("data_format", Kind::Channels),
        ("dilation_rate", Kind::Ones(dims)),
        ("depth_multiplier", Kind::One),
        ("activation", Kind::Activation),
        ("use_bias", Kind::Bool(true)),
        ("depthwise_initializer", Kind::Initializer("GlorotUniform")),
        ("pointwise_initializer", Kind::Initializer("GlorotUniform")),
        ("bias_initializer", Kind::Initializer("Zeros")),
        ("depthwise_regularizer", Kind::Regularizer),
        ("pointwise_regularizer", Kind::Regularizer),
        ("bias_regularizer", Kind::Regularizer),
        ("activity_regularizer", Kind::Regularizer),
        ("depthwise_constraint", Kind::Constraint),
        ("pointwise_constraint", Kind::Constraint),
        ("bias_constraint", Kind::Constraint),
    ]
}

impl Layer for SeparableConv {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 19] = args(1);
        const TWO: [(&str, Kind); 19] = args(2);
        match self.0 {
            Spatial::One => &Spec { name: "SeparableConv1D", inputs: Arity::One, args: &ONE },
            _ => &Spec { name: "SeparableConv2D", inputs: Arity::One, args: &TWO },
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let h = cx.depthwise(args, x, "depthwise_kernel", false)?;
        let (shape, filters) = (cx.shape(h), args.size("filters")?);
        let weights = vec![Num::Lit(1); dims].into_iter().chain([shape.last(), filters.clone()]).collect();
        let mut params = vec![cx.weight_by(args, "pointwise_kernel", "pointwise", weights, "GlorotUniform")];
        let bias = args.bool("use_bias", true);
        if bias {
            params.push(cx.weight(args, "bias", vec![filters.clone()], "Zeros"));
        }
        let out = shape.with_last(filters.clone());
        let op = ops::Dense { outer: shape.outer(), k: shape.last(), n: filters, bias, act: ops::Act::Linear };
        let y = cx.op(Rc::new(op), vec![h], params, out);
        let y = cx.channels_back(args, y, dims);
        cx.finish(y, args)
    }
}
