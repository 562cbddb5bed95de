//! `Conv1D(filters, kernel_size, strides, padding, …)`, `Conv2D(filters, kernel_size, …)`, `Conv3D(filters, kernel_size, …)`:
//! act(x ∗ kernel + bias), the kernel moved over all positions.

use std::rc::Rc;

use super::given::require;
use super::kinds::Arity;
use super::spatial::Spatial;
use super::windowed::number;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct Conv(Spatial);

pub(super) const CONV1D: Conv = Conv(Spatial::One);
pub(super) const CONV2D: Conv = Conv(Spatial::Two);
pub(super) const CONV3D: Conv = Conv(Spatial::Three);

/// The arguments for so many dimensions.
const fn args(dims: usize, padding: Kind) -> [(&'static str, Kind); 16] {
    [
        ("filters", Kind::Size),
        ("kernel_size", Kind::RequiredSizes(dims)),
        ("strides", Kind::Ones(dims)),
        ("padding", padding),
        ("data_format", Kind::Channels),
        ("dilation_rate", Kind::Ones(dims)),
        ("groups", Kind::One),
        ("activation", Kind::Activation),
        ("use_bias", Kind::Bool(true)),
        ("kernel_initializer", Kind::Initializer("GlorotUniform")),
        ("bias_initializer", Kind::Initializer("Zeros")),
        ("kernel_regularizer", Kind::Regularizer),
        ("bias_regularizer", Kind::Regularizer),
        ("activity_regularizer", Kind::Regularizer),
        ("kernel_constraint", Kind::Constraint),
        ("bias_constraint", Kind::Constraint),
    ]
}

impl Layer for Conv {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 16] = args(1, Kind::CausalPadding);
        const TWO: [(&str, Kind); 16] = args(2, Kind::Padding);
        const THREE: [(&str, Kind); 16] = args(3, Kind::Padding);
        match self.0 {
            Spatial::One => &Spec { name: "Conv1D", inputs: Arity::One, args: &ONE },
            Spatial::Two => &Spec { name: "Conv2D", inputs: Arity::One, args: &TWO },
            Spatial::Three => &Spec { name: "Conv3D", inputs: Arity::One, args: &THREE },
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let shape = cx.shape(x);
        let filters = args.size("filters")?;
        let groups = args.size("groups").unwrap_or(Num::Lit(1));
        cx.built_from(args, "kernel", &shape, |kernel| kernel[dims].mul(&groups))?;
        let one = vec![Num::Lit(1); dims];
        let sizes = |name| args.sizes(name).unwrap_or(&one);
        let (size, strides, dilation) = (args.sizes("kernel_size")?, sizes("strides"), sizes("dilation_rate"));
        let layer = number(args);
        require!(cx, args.span_of("groups"), grouped(shape, filters, groups, layer))?;
        let padding = args.padding("padding");
        let (out, windows) = cx.windows(args, &shape, "kernel_size", size, [strides, dilation], padding)?;
        let out = out.with_last(filters.clone());

        let cin = shape.last();
        let each = cin.div(&groups);
        let kernel = size.iter().cloned().chain([each, filters.clone()]).collect();
        let mut params = vec![cx.weight(args, "kernel", kernel, "GlorotUniform")];
        let bias = args.bool("use_bias", true);
        if bias {
            params.push(cx.weight(args, "bias", vec![filters.clone()], "Zeros"));
        }
        let act = ops::Act::Linear;
        let plain = size.iter().chain(strides).chain([&groups]).all(|n| n.known() == Some(1));
        let op: Rc<dyn ops::Op> = if plain {
            Rc::new(ops::Dense { outer: out.outer(), k: cin, n: filters, bias, act })
        } else {
            Rc::new(ops::Conv { transposed: false, windows, cin, cout: filters, groups, bias, act })
        };
        let y = cx.op(op, vec![x], params, out);
        let y = cx.channels_back(args, y, dims);
        cx.finish(y, args)
    }
}
