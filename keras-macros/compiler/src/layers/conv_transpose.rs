//! `Conv1DTranspose(filters, kernel_size, strides, padding, …)`, `Conv2DTranspose(filters, kernel_size, …)`,
//! `Conv3DTranspose(filters, kernel_size, …)`: the transpose of a convolution, which gives more positions than it gets.

use std::rc::Rc;

use super::given::{infer, require};
use super::kinds::Arity;
use super::spatial::Spatial;
use super::windowed::{number, sizes, three};
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::{Num, ValueId, ops};

pub(super) struct ConvTranspose(Spatial);

pub(super) const CONV_TRANSPOSE1D: ConvTranspose = ConvTranspose(Spatial::One);
pub(super) const CONV_TRANSPOSE2D: ConvTranspose = ConvTranspose(Spatial::Two);
pub(super) const CONV_TRANSPOSE3D: ConvTranspose = ConvTranspose(Spatial::Three);

/// The arguments for so many dimensions; Keras has two of them in another order for three.
const fn args(dims: usize) -> [(&'static str, Kind); 16] {
    let (more, channels) = (("output_padding", Kind::OptionalCounts(dims)), ("data_format", Kind::Channels));
    let (fifth, sixth) = if dims == 3 { (channels, more) } else { (more, channels) };
    [
        ("filters", Kind::Size),
        ("kernel_size", Kind::RequiredSizes(dims)),
        ("strides", Kind::Ones(dims)),
        ("padding", Kind::Padding),
        fifth,
        sixth,
        ("dilation_rate", Kind::Ones(dims)),
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

impl Layer for ConvTranspose {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 16] = args(1);
        const TWO: [(&str, Kind); 16] = args(2);
        const THREE: [(&str, Kind); 16] = args(3);
        match self.0 {
            Spatial::One => &Spec { name: "Conv1DTranspose", inputs: Arity::One, args: &ONE },
            Spatial::Two => &Spec { name: "Conv2DTranspose", inputs: Arity::One, args: &TWO },
            Spatial::Three => &Spec { name: "Conv3DTranspose", inputs: Arity::One, args: &THREE },
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let x = cx.channels_last(args, inputs[0], dims)?;
        let shape = cx.shape(x);
        let filters = args.size("filters")?;
        cx.built_from(args, "kernel", &shape, |kernel| kernel[dims + 1].clone())?;
        let (one, auto) = (vec![Num::Lit(1); dims], vec![Num::Lit(keras_shapes::windows::AUTO); dims]);
        let given = |name| args.sizes(name).unwrap_or(&one);
        let (size, strides, dilation) = (args.sizes("kernel_size")?, given("strides"), given("dilation_rate"));
        let more = args.sizes("output_padding").unwrap_or(&auto);
        let padded = args.padding("padding") == super::kinds::Padding::Same;

        let layer = number(args);
        let [taken, by, apart, added] = [size, strides, dilation, more].map(sizes);
        require!(cx, args.span_of("strides"), strided(by, apart, layer))?;
        let span = args.span_of(if args.sizes("output_padding").is_some() { "output_padding" } else { "kernel_size" });
        let flag = usize::from(padded);
        let mut out = infer!(cx, span, dims + 1, transposed_windows(shape, taken, by, apart, added, flag, layer))?;
        out.dims[dims] = filters.clone();
        let before: Vec<Num> =
            (0..dims).map(|i| cx.transposed_before([&size[i], &dilation[i], &strides[i], &more[i]], padded)).collect();
        let windows = ops::Windows {
            n: three(&out.dims[..dims], 1),
            k: three(size, 1),
            stride: three(strides, 1),
            dilation: three(dilation, 1),
            before: three(&before, 0),
            out: three(&shape.dims[..dims], 1),
        };

        let kernel = size.iter().cloned().chain([filters.clone(), shape.last()]).collect();
        let mut params = vec![cx.weight(args, "kernel", kernel, "GlorotUniform")];
        let bias = args.bool("use_bias", true);
        if bias {
            params.push(cx.weight(args, "bias", vec![filters.clone()], "Zeros"));
        }
        // The convolution whose transpose it is leads from what this gives to what it gets.
        let op = ops::Conv {
            transposed: true,
            windows,
            cin: filters,
            cout: shape.last(),
            groups: Num::Lit(1),
            bias,
            act: ops::Act::Linear,
        };
        let y = cx.op(Rc::new(op), vec![x], params, out);
        let y = cx.channels_back(args, y, dims);
        cx.finish(y, args)
    }
}
