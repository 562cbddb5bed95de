//! What layers take: how many values, and which arguments.

/// A layer's name and arguments, in Keras's order.
#[derive(Debug)]
pub struct Spec {
    /// `Dense`
    pub name: &'static str,
    /// How many values a call takes.
    pub inputs: Arity,
    /// Its own arguments; every layer takes [`COMMON`] besides.
    pub args: &'static [(&'static str, Kind)],
}

/// How many values a call of a layer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// Two or more, as a list or as arguments.
    Several,
    /// One and the states of a cell.
    States,
}

impl Arity {
    /// What is taken, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Arity::One => "one input",
            Arity::Several => "two or more inputs",
            Arity::States => "an input and states",
        }
    }
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A size that must be given.
    Size,
    /// A size, or `None`.
    OptionalSize,
    /// Sizes in parentheses, of which one may be -1, that must be given.
    TargetShape,
    /// A number that must be given.
    Float,
    /// A number from 0 to 1 that must be given.
    Share,
    /// A number, or `None`.
    OptionalFloat,
    /// A number; this if not given.
    Number(f64),
    /// A number of 0 or more; this if not given.
    NotNegative(f64),
    /// A number of more than 0; this if not given.
    Positive(f64),
    /// A number of 0 or more, or `None`.
    Limit,
    /// An integer, which may be negative; this if not given.
    Int(i64),
    /// An integer or several that must be given.
    Ints,
    /// An integer or several, or `None`.
    OptionalInts,
    /// A dimension or several; the last one if not given.
    Axes,
    /// A size for each of so many dimensions; 2 if not given.
    Sizes(usize),
    /// A size for each of so many dimensions that must be given.
    RequiredSizes(usize),
    /// A size for each of so many dimensions; 1 if not given.
    Ones(usize),
    /// A size for each of so many dimensions, or `None`.
    OptionalSizes(usize),
    /// A number of 0 or more for each of so many dimensions, or `None`.
    OptionalCounts(usize),
    /// A size; 1 if not given.
    One,
    /// `valid` or `same`; `valid` if not given.
    Padding,
    /// `valid`, `same` or `causal`; `valid` if not given.
    CausalPadding,
    /// How many before and behind each of so many dimensions.
    Pairs(usize),
    /// The shape of a dropout's mask, the batch first, or `None`.
    NoiseShape,
    /// `nearest`, `bilinear`, `bicubic`, `lanczos3` or `lanczos5`; the first if not given.
    Interpolation,
    /// Limits of batch renormalization, `(rmin = 0.3, rmax = 3.0, dmax = 5.0)` or some of them, or `None`.
    Clipping,
    /// A seed, or `None`.
    Seed,
    /// `true` or `false`; this if not given.
    Bool(bool),
    /// An activation; `None` if not given.
    Activation,
    /// An activation; this if not given.
    ActivationOr(&'static str),
    /// An activation that must be given.
    RequiredActivation,
    /// An initializer; this if not given.
    Initializer(&'static str),
    /// A regularizer.
    Regularizer,
    /// A constraint.
    Constraint,
    /// A layer that must be given.
    Layer,
    /// A layer, or `None`.
    OptionalLayer,
    /// A cell, or several in brackets, that must be given.
    Cell,
    /// Cells in brackets that must be given.
    Cells,
    /// `concat`, `sum`, `mul`, `ave` or `None`; the first if not given.
    MergeMode,
    /// An equation such as `"abc,cd->abd"` that must be given.
    Equation,
    /// A size, or sizes in parentheses, some of them `None`, that must be given.
    PartialShape,
    /// Letters such as `"d"`, or `None`.
    Letters,
    /// `dot` or `concat`; the first if not given.
    ScoreMode,
    /// `auto`, or a switch: what it says makes no difference here.
    Auto,
    /// A switch of Keras's that can only be off here, with the reason or the way round.
    Off(&'static str),
    /// `channels_last`, `channels_first` or `None`, which is the first of them.
    Channels,
    /// `float32`, `mixed_float16`, `mixed_bfloat16` or `None`.
    Policy,
    /// A name.
    Name,
    /// An argument of Keras's that is not supported, with the reason or the way round; `None` may be given.
    Absent(&'static str),
}

/// What every layer takes besides its own arguments.
pub const COMMON: &[(&str, Kind)] = &[("name", Kind::Name), ("trainable", Kind::Bool(true)), ("dtype", Kind::Policy)];

impl Kind {
    pub(super) fn required(self) -> bool {
        matches!(
            self,
            Kind::Size
                | Kind::TargetShape
                | Kind::Equation
                | Kind::PartialShape
                | Kind::RequiredSizes(_)
                | Kind::Layer
                | Kind::Cell
                | Kind::Cells
                | Kind::Ints
                | Kind::Float
                | Kind::Share
                | Kind::RequiredActivation
        )
    }
}

/// Where windows lie that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// They are left out.
    Valid,
    /// Zeros are put on both sides.
    Same,
    /// Zeros are put before the first position.
    Causal,
}
