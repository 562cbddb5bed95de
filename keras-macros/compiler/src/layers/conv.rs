//! `Conv1D(filters, kernel_size, strides, padding, …)`, `Conv2D(filters, kernel_size, …)`, `Conv3D(filters, kernel_size, …)`:
//! act(x ∗ kernel + bias), the kernel moved over all positions.

use std::rc::Rc;

use super::given::require;
use super::kinds::Arity;
use super::lora::{self, Alpha, Factors};
use super::spatial::Spatial;
use super::windowed::number;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::{self, Act, Axis, Geometry, Op, Windows};
use crate::graph::{Num, ParamId, ValueId};

pub(super) struct Conv(Spatial);

pub(super) const CONV1D: Conv = Conv(Spatial::One);
pub(super) const CONV2D: Conv = Conv(Spatial::Two);
pub(super) const CONV3D: Conv = Conv(Spatial::Three);

/// The arguments for so many dimensions.
const fn args(dims: usize, padding: Kind) -> [(&'static str, Kind); 18] {
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
        lora::RANK,
        lora::ALPHA,
    ]
}

impl Layer for Conv {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 18] = args(1, Kind::CausalPadding);
        const TWO: [(&str, Kind); 18] = args(2, Kind::Padding);
        const THREE: [(&str, Kind); 18] = args(3, Kind::Padding);
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
        let (_, windows) = cx.windows(args, &shape, "kernel_size", size, [strides, dilation], padding)?;

        let cin = shape.last();
        let each = cin.div(&groups);
        let kernel = size.iter().cloned().chain([each, filters.clone()]).collect();
        let mut params = vec![cx.weight(args, "kernel", kernel, "GlorotUniform")];
        if args.bool("use_bias", true) {
            params.push(cx.weight(args, "bias", vec![filters.clone()], "Zeros"));
        }
        let factors = cx.lora(args, params[0], Alpha::Given)?;
        let geometry = Geometry { windows, cin, cout: filters, groups };
        let mut y = cx.linear(params, |cx, params| cx.convolved(x, &geometry, params));
        if let Some(factors) = factors {
            y = cx.convolved_low(args, x, y, &geometry, &factors)?;
        }
        let y = cx.channels_back(args, y, dims);
        cx.finish(y, args)
    }
}

impl Lower<'_> {
    /// The convolution of a value whose channels are last, by a kernel, and a bias if there is one.
    fn convolved(&mut self, x: ValueId, geometry: &Geometry, params: Vec<ParamId>) -> ValueId {
        let Geometry { windows, cin, cout, groups } = geometry.clone();
        let bias = params.len() > 1;
        let shape = self.shape(x);
        let dims = shape.rank() - 1;
        let out = windows.out[3 - dims..].iter().chain([&cout]).cloned().collect();
        let (out, act) = (shape.with_dims(out), Act::Linear);
        let plain = windows.k.iter().chain(&windows.stride).chain([&groups]).all(|n| n.known() == Some(1));
        let op: Rc<dyn Op> = if plain {
            Rc::new(ops::Dense { outer: out.outer(), k: cin, n: cout, bias, act })
        } else {
            Rc::new(ops::Conv { transposed: false, windows, cin, cout, groups, bias, act })
        };
        self.op(op, vec![x], params, out)
    }

    /// y and what the update of the kernel gives. All groups have the first factor in common, and each has filters of its
    /// own of the second.
    fn convolved_low(
        &mut self,
        args: &Args,
        x: ValueId,
        y: ValueId,
        geometry: &Geometry,
        factors: &Factors,
    ) -> Option<ValueId> {
        let Geometry { windows, cin, cout, groups } = geometry;
        let (rank, one) = (&factors.rank, Num::Lit(1));
        let narrow = |windows: &Windows, cin: &Num| Geometry {
            windows: windows.clone(),
            cin: cin.clone(),
            cout: rank.clone(),
            groups: Num::Lit(1),
        };
        if groups.known() == Some(1) {
            let geometry = narrow(windows, cin);
            let h = |cx: &mut Self| cx.convolved(x, &geometry, vec![factors.a]);
            return Some(self.updated(y, factors, h, |cx, h| cx.times(h, factors.b, [rank, cout])));
        }
        let (shape, out, each) = (self.shape(x), self.shape(y), cin.div(groups));
        let dims = shape.rank() - 1;
        let h = if dims < 3 {
            // The groups are one more dimension, along which windows have one position.
            let behind = |of: &[Num; 3], last: &Num| [of[1].clone(), of[2].clone(), last.clone()];
            let Windows { n, k, stride, dilation, before, out } = windows;
            let windows = Windows {
                n: behind(n, groups),
                k: behind(k, &one),
                stride: behind(stride, &one),
                dilation: behind(dilation, &one),
                before: behind(before, &Num::Lit(0)),
                out: behind(out, groups),
            };
            let parts = shape.dims[..dims].iter().chain([groups, &each]).cloned().collect();
            let x = self.alias(x, shape.with_dims(parts));
            self.convolved(x, &narrow(&windows, &each), vec![factors.a])
        } else {
            let Some(count) = groups.known() else {
                let message = format!("`{}`: `lora_rank` needs `groups` to be a literal number", args.spec.name);
                self.error(args.span_of("groups"), message);
                return None;
            };
            let geometry = narrow(windows, &each);
            let group = |cx: &mut Self, i: usize| {
                let mut axes = Axis::all(&shape);
                axes[dims].len = each.clone();
                axes[dims].skip = each.mul(&Num::Lit(i));
                let part = cx.gather(x, axes, shape.with_last(each.clone()));
                cx.convolved(part, &geometry, vec![factors.a])
            };
            let parts: Vec<ValueId> = (0..count).map(|i| group(self, i)).collect();
            let op = ops::Concatenate { outer: out.outer(), widths: vec![rank.clone(); count] };
            self.op(Rc::new(op), parts, vec![], out.with_last(groups.mul(rank)))
        };
        let n = cout.div(groups);
        let op = ops::Einsum {
            outer: out.outer(),
            groups: groups.clone(),
            k: rank.clone(),
            n: n.clone(),
            strides: [n, cout.clone(), one],
        };
        Some(self.updated(y, factors, |_| h, |cx, h| cx.op(Rc::new(op), vec![h], vec![factors.b], out)))
    }
}
