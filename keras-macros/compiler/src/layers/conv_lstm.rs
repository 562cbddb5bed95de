//! `ConvLSTM1D(filters, kernel_size, …)`, `ConvLSTM2D(filters, kernel_size, …)`, `ConvLSTM3D(filters, kernel_size, …)`: an
//! `LSTM` over a sequence of images, whose products are convolutions.

use super::given::require;
use super::kinds::{Arity, Padding};
use super::recurrent::{Course, Recurrent, Way};
use super::spatial::Spatial;
use super::steps::{Convolved, Sizes};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ops::{Act, Cell, Geometry, Output};
use crate::graph::{Num, Shape, ValueId};

pub(super) struct ConvLstm(Spatial);

pub(super) const CONV_LSTM1D: ConvLstm = ConvLstm(Spatial::One);
pub(super) const CONV_LSTM2D: ConvLstm = ConvLstm(Spatial::Two);
pub(super) const CONV_LSTM3D: ConvLstm = ConvLstm(Spatial::Three);

/// The arguments for so many dimensions.
const fn args(dims: usize) -> [(&'static str, Kind); 27] {
    [
        ("filters", Kind::Size),
        ("kernel_size", Kind::RequiredSizes(dims)),
        ("strides", Kind::Ones(dims)),
        ("padding", Kind::Padding),
        ("data_format", Kind::Channels),
        ("dilation_rate", Kind::Ones(dims)),
        ("activation", Kind::ActivationOr("tanh")),
        ("recurrent_activation", Kind::ActivationOr("sigmoid")),
        ("use_bias", Kind::Bool(true)),
        ("kernel_initializer", Kind::Initializer("GlorotUniform")),
        ("recurrent_initializer", Kind::Initializer("Orthogonal")),
        ("bias_initializer", Kind::Initializer("Zeros")),
        ("unit_forget_bias", Kind::Bool(true)),
        ("kernel_regularizer", Kind::Regularizer),
        ("recurrent_regularizer", Kind::Regularizer),
        ("bias_regularizer", Kind::Regularizer),
        ("activity_regularizer", Kind::Regularizer),
        ("kernel_constraint", Kind::Constraint),
        ("recurrent_constraint", Kind::Constraint),
        ("bias_constraint", Kind::Constraint),
        ("dropout", Kind::NotNegative(0.0)),
        ("recurrent_dropout", Kind::NotNegative(0.0)),
        ("seed", Kind::Seed),
        ("return_sequences", Kind::Bool(false)),
        ("return_state", Kind::Bool(false)),
        ("go_backwards", Kind::Bool(false)),
        ("stateful", Kind::Bool(false)),
    ]
}

impl Layer for ConvLstm {
    fn spec(&self) -> &'static Spec {
        const ONE: [(&str, Kind); 27] = args(1);
        const TWO: [(&str, Kind); 27] = args(2);
        const THREE: [(&str, Kind); 27] = args(3);
        match self.0 {
            Spatial::One => &Spec { name: "ConvLSTM1D", inputs: Arity::One, args: &ONE },
            Spatial::Two => &Spec { name: "ConvLSTM2D", inputs: Arity::One, args: &TWO },
            Spatial::Three => &Spec { name: "ConvLSTM3D", inputs: Arity::One, args: &THREE },
        }
    }

    fn recurrent(&self) -> Option<&dyn Recurrent> {
        Some(self)
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["initial_state", "mask"]
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let way = cx.way(args, inputs[0])?;
        self.go(args, inputs[0], way, cx)
    }
}

impl Recurrent for ConvLstm {
    fn go(&self, args: &Args, x: ValueId, way: Way, cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (dims, first) = (self.0 as usize, args.bool("data_format", false));
        cx.rank(args, x, dims + 2, &self.dims(first))?;
        // The steps stay where they are.
        let order: Vec<usize> = [0].into_iter().chain(2..dims + 2).chain([1]).collect();
        let x = if first { cx.permute(x, &order) } else { x };
        let shape = cx.shape(x);
        let course = Course::of(args, &way);
        let rates = [cx.rate(args, "dropout")?, cx.rate(args, "recurrent_dropout")?];
        let sizes = self.sizes(args, &shape, course, rates.each_ref().map(Option::is_some), cx)?;
        let way = self.states(args, &sizes, way, cx)?;
        if course.stateful {
            cx.goes_on(args.span, &Shape::new(sizes.state()))?;
        }
        let mut results = cx.taken(args, &sizes, x, &way, rates);
        if first {
            let image: Vec<usize> = [dims].into_iter().chain(0..dims).collect();
            let sequence: Vec<usize> = [0].into_iter().chain(image.iter().map(|&dim| dim + 1)).collect();
            for (i, result) in results.iter_mut().enumerate() {
                let steps = i == 0 && course.output != Output::Last;
                *result = cx.permute(*result, if steps { &sequence } else { &image });
            }
        }
        if let Some(penalty) = args.object("activity_regularizer") {
            results.iter().for_each(|&result| cx.penalize(result, penalty.clone()));
        }
        cx.step_mask(&way, course, results[0]);
        Some(results)
    }
}

impl ConvLstm {
    /// What the dimensions of the input are.
    fn dims(&self, first: bool) -> String {
        let mut dims = match self.0 {
            Spatial::One => vec!["rows"],
            Spatial::Two => vec!["rows", "columns"],
            Spatial::Three => vec!["depth", "rows", "columns"],
        };
        dims.insert(if first { 0 } else { dims.len() }, "channels");
        dims.insert(0, "steps");
        dims.join(", ")
    }

    /// What the arguments make of it, given the shape of x with its channels last, and whether x and h are dropped. Nothing
    /// after a mistake.
    fn sizes(
        &self,
        args: &Args,
        shape: &Shape,
        course: Course,
        dropped: [bool; 2],
        cx: &mut Lower<'_>,
    ) -> Option<Sizes> {
        let dims = self.0 as usize;
        let units = args.size("filters")?;
        cx.built_from(args, "kernel", shape, |kernel| kernel[dims].clone())?;
        require!(cx, args.span_of("filters"), at_least_one(units))?;
        let acts = [
            cx.cell_activation(args, "activation", Act::Tanh)?,
            cx.cell_activation(args, "recurrent_activation", Act::Sigmoid)?,
        ];
        let one = vec![Num::Lit(1); dims];
        let each = |name| args.sizes(name).unwrap_or(&one);
        let (taps, strides, dilation) = (args.sizes("kernel_size")?, each("strides"), each("dilation_rate"));
        let image = shape.with_dims(shape.dims[1..].to_vec());
        let padding = args.padding("padding");
        let (out, windows) = cx.windows(args, &image, "kernel_size", taps, [strides, dilation], padding)?;
        let (_, state) = cx.windows(args, &out, "kernel_size", taps, [&one, &one], Padding::Same)?;
        // Each gate has masks of its own.
        let [inputs, parts] = dropped.map(|dropped| if dropped { Cell::Lstm.gates() } else { 1 });
        let geometry = |windows, features: &Num, groups: usize| Geometry {
            windows,
            cin: features.mul(&Num::Lit(groups)),
            cout: units.mul(&Num::Lit(Cell::Lstm.gates())),
            groups: Num::Lit(groups),
        };
        let k = shape.last();
        let convolved = Convolved {
            geometries: [geometry(windows, &k, inputs), geometry(state, &units, parts)],
            dims: out.dims[..dims].to_vec(),
            taps: taps.to_vec(),
        };
        Some(Sizes {
            steps: shape.dims[0].clone(),
            k,
            cell: Cell::Lstm,
            course,
            dropout: dropped[1],
            inputs,
            acts,
            convolved: Some(convolved),
            units: units.clone(),
        })
    }

    /// The states before the first step, checked and with their channels last. Nothing after a mistake.
    fn states(&self, args: &Args, sizes: &Sizes, way: Way, cx: &mut Lower<'_>) -> Option<Way> {
        let (dims, first) = (self.0 as usize, args.bool("data_format", false));
        let mut state = sizes.state();
        if first {
            state.rotate_right(1);
        }
        cx.initial(args, &[(Cell::Lstm, Shape::new(state))], &way.initial)?;
        let order: Vec<usize> = (1..=dims).chain([0]).collect();
        let last = |&state: &ValueId| if first { cx.permute(state, &order) } else { state };
        Some(Way { initial: way.initial.iter().map(last).collect(), ..way })
    }
}
