//! `DepthwiseConv1D(kernel_size, strides, padding, depth_multiplier, …)`, `DepthwiseConv2D(kernel_size, strides, …)`: a
//! convolution of each channel by itself.

use std::rc::Rc;

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct DepthwiseConv(Spatial);

pub(super) const DEPTHWISE_CONV1D: DepthwiseConv = DepthwiseConv(Spatial::One);
pub(super) const DEPTHWISE_CONV2D: DepthwiseConv = DepthwiseConv(Spatial::Two);

/// The arguments for so many dimensions.
const fn args(dims: usize) -> [(&'static str, Kind); 15] {
    [
        ("kernel_size", Kind::RequiredSizes(dims)),
        ("strides", Kind::Ones(dims)),
        ("padding", Kind::Padding),
        ("depth_multiplier", Kind::One),
        ("data_format", Kind::Channels),
        ("dilation_rate", Kind::Ones(dims)),
        ("activation", Kind::Activation),
        ("use_bias", Kind::Bool(true)),
        ("depthwise_initializer", Kind::Initializer("GlorotUniform")),
        ("bias_initializer", Kind::Initializer("Zeros")),
        ("depthwise_regularizer", Kind::Regularizer),
        ("bias_regularizer", Kind::Regularizer),
        ("activity_regularizer", Kind::Regularizer),
        ("depthwise_constraint", Kind::Constraint),
        ("bias_constraint", Kind::Constraint),
    ]
}

impl Layer for DepthwiseConv {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 15] = args(1);
        const TWO: [(&str, Kind); 15] = args(2);
        match self.0 {
            Spatial::One => &Spec { name: "DepthwiseConv1D", inputs: Arity::One, args: &ONE },
            _ => &Spec { name: "DepthwiseConv2D", inputs: Arity::One, args: &TWO },
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let y = cx.depthwise(args, x, "kernel", args.bool("use_bias", true))?;
        let y = cx.channels_back(args, y, dims);
        cx.finish(y, args)
    }
}

impl Lower<'_> {
    /// The convolution of each channel by itself, `depth_multiplier` times. Nothing after a mistake.
    pub(super) fn depthwise(&mut self, args: &Args, x: ValueId, kernel: &'static str, bias: bool) -> Option<ValueId> {
        let shape = self.shape(x);
        let size = args.sizes("kernel_size")?;
        let dims = size.len();
        self.built_from(args, kernel, &shape, |kernel| kernel[dims].clone())?;
        let one = vec![Num::Lit(1); dims];
        let given = |name| args.sizes(name).unwrap_or(&one);
        let (strides, dilation) = (given("strides"), given("dilation_rate"));
        let padding = args.padding("padding");
        let (out, windows) = self.windows(args, &shape, "kernel_size", size, [strides, dilation], padding)?;
        let (cin, each) = (shape.last(), args.size("depth_multiplier").unwrap_or(Num::Lit(1)));
        let cout = cin.mul(&each);
        let weights = size.iter().cloned().chain([cin.clone(), each]).collect();
        let mut params = vec![self.weight_by(args, kernel, "depthwise", weights, "GlorotUniform")];
        if bias {
            params.push(self.weight(args, "bias", vec![cout.clone()], "Zeros"));
        }
        let out = out.with_last(cout.clone());
        let groups = cin.clone();
        let op = ops::Conv { transposed: false, windows, cin, cout, groups, bias, act: ops::Act::Linear };
        Some(self.op(Rc::new(op), vec![x], params, out))
    }
}
