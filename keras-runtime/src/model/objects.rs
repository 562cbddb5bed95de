//! What a graph says of weights: what they begin as, and what they are projected on.

/// Initial weights, as keras-runtime's initializers of the same names make them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// 0
    Zeros,
    /// 1
    Ones,
    /// One value
    Constant(f32),
    /// gain on the diagonal of a matrix
    Identity {
        /// The value on the diagonal.
        gain: f32,
    },
    /// Normal
    RandomNormal {
        /// Mean.
        mean: f32,
        /// Standard deviation.
        stddev: f32,
        /// Own seed; without one, the model's.
        seed: Option<u64>,
    },
    /// Uniform
    RandomUniform {
        /// Lower end.
        minval: f32,
        /// Upper end.
        maxval: f32,
        /// Own seed; without one, the model's.
        seed: Option<u64>,
    },
    /// Normal, drawn again beyond two standard deviations
    TruncatedNormal {
        /// Mean.
        mean: f32,
        /// Standard deviation before the cut.
        stddev: f32,
        /// Own seed; without one, the model's.
        seed: Option<u64>,
    },
    /// Scaled to the number of inputs or outputs: Glorot, He and LeCun are cases of it
    VarianceScaling {
        /// Scale of the variance.
        scale: f32,
        /// What it is divided by.
        mode: Fan,
        /// How values are drawn.
        distribution: Distribution,
        /// Own seed; without one, the model's.
        seed: Option<u64>,
    },
    /// Scaled as in a matrix of so many inputs and outputs, whatever dimensions the weight has
    Units {
        /// The [`Init::VarianceScaling`] that is scaled.
        of: &'static Init,
        /// Numbers of the input that a result is made of.
        inputs: usize,
        /// Results that a number of the input goes to.
        outputs: usize,
    },
    /// Orthogonal rows or columns
    Orthogonal {
        /// Factor.
        gain: f32,
        /// Own seed; without one, the model's.
        seed: Option<u64>,
    },
    /// The square roots of what another initializer gives
    Root {
        /// The other one.
        of: &'static Init,
    },
    /// For the four gates of an LSTM: 1 for the second, the forget gate
    UnitForget {
        /// What the others begin as.
        others: &'static Init,
    },
}

/// What `VarianceScaling` divides its scale by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs.
    In,
    /// The number of outputs.
    Out,
    /// The mean of both.
    Avg,
}

/// How `VarianceScaling` draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Normal, cut at two standard deviations and widened so that the variance is kept.
    TruncatedNormal,
    /// Normal.
    UntruncatedNormal,
    /// Uniform.
    Uniform,
}

/// A projection of weights after each update. Norms are over the dimensions of `axis` together; negative ones count from the
/// end.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Constraint {
    /// Norm of at most `max_value`.
    MaxNorm {
        /// The largest norm.
        max_value: f32,
        /// The dimensions of the norm.
        axis: &'static [i32],
    },
    /// Norm between two values, approached by `rate`.
    MinMaxNorm {
        /// The smallest norm.
        min_value: f32,
        /// The largest norm.
        max_value: f32,
        /// How far towards the norm each projection goes.
        rate: f32,
        /// The dimensions of the norm.
        axis: &'static [i32],
    },
    /// No negative weights.
    NonNeg,
    /// Norm of 1.
    UnitNorm {
        /// The dimensions of the norm.
        axis: &'static [i32],
    },
}
