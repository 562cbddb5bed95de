//! Initializers by Keras's names, with default arguments.

use core::str::FromStr;

use crate::error::Error;
use crate::model::graph::{Distribution, Fan, Init};

const fn scaling(scale: f32, mode: Fan, distribution: Distribution) -> Init {
    Init::VarianceScaling { scale, mode, distribution, seed: None }
}

/// Uniform, by the mean of inputs and outputs: Keras's default for kernels.
pub const GLOROT_UNIFORM: Init = scaling(1.0, Fan::Avg, Distribution::Uniform);
/// Normal, by the mean of inputs and outputs.
pub const GLOROT_NORMAL: Init = scaling(1.0, Fan::Avg, Distribution::TruncatedNormal);
/// Uniform, by the inputs, for relu.
pub const HE_UNIFORM: Init = scaling(2.0, Fan::In, Distribution::Uniform);
/// Normal, by the inputs, for relu.
pub const HE_NORMAL: Init = scaling(2.0, Fan::In, Distribution::TruncatedNormal);
/// Uniform, by the inputs.
pub const LECUN_UNIFORM: Init = scaling(1.0, Fan::In, Distribution::Uniform);
/// Normal, by the inputs.
pub const LECUN_NORMAL: Init = scaling(1.0, Fan::In, Distribution::TruncatedNormal);
/// What the six above are cases of.
pub const VARIANCE_SCALING: Init = scaling(1.0, Fan::In, Distribution::TruncatedNormal);
/// Normal with a standard deviation of 0.05.
pub const RANDOM_NORMAL: Init = Init::RandomNormal { mean: 0.0, stddev: 0.05, seed: None };
/// Uniform from −0.05 to 0.05.
pub const RANDOM_UNIFORM: Init = Init::RandomUniform { minval: -0.05, maxval: 0.05, seed: None };
/// Normal with a standard deviation of 0.05, drawn again beyond two of them.
pub const TRUNCATED_NORMAL: Init = Init::TruncatedNormal { mean: 0.0, stddev: 0.05, seed: None };
/// Orthogonal rows or columns of norm 1.
pub const ORTHOGONAL: Init = Init::Orthogonal { gain: 1.0, seed: None };

const NAMES: &[(&str, Init)] = &[
    ("zeros", Init::Zeros),
    ("ones", Init::Ones),
    ("constant", Init::Constant(0.0)),
    ("identity", Init::Identity { gain: 1.0 }),
    ("glorot_uniform", GLOROT_UNIFORM),
    ("glorot_normal", GLOROT_NORMAL),
    ("he_uniform", HE_UNIFORM),
    ("he_normal", HE_NORMAL),
    ("lecun_uniform", LECUN_UNIFORM),
    ("lecun_normal", LECUN_NORMAL),
    ("variance_scaling", VARIANCE_SCALING),
    ("random_normal", RANDOM_NORMAL),
    ("random_uniform", RANDOM_UNIFORM),
    ("truncated_normal", TRUNCATED_NORMAL),
    ("orthogonal", ORTHOGONAL),
    ("zero", Init::Zeros),
    ("one", Init::Ones),
    ("normal", RANDOM_NORMAL),
    ("uniform", RANDOM_UNIFORM),
];

impl FromStr for Init {
    type Err = Error;

    /// The initializer of this name (`"glorot_uniform"`, `"GlorotUniform"`) with its default arguments.
    fn from_str(name: &str) -> Result<Init, Error> {
        match NAMES.iter().find(|(known, _)| crate::named::means(name, known)) {
            Some((_, init)) => Ok(*init),
            None => {
                let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
                Err(crate::named::unknown("initializer", name, &known))
            }
        }
    }
}
