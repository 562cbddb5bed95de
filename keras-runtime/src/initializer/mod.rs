//! Initial weights.
//!
//! Each parameter of a model draws from a random sequence of its own, by the model's seed and the parameter's index, so
//! that its values do not depend on those of other parameters. One with a seed of its own always begins with the same
//! values, as in Keras.

mod fans;
mod names;
mod orthogonal;

pub use fans::fans;
pub use names::{
    GLOROT_NORMAL, GLOROT_UNIFORM, HE_NORMAL, HE_UNIFORM, LECUN_NORMAL, LECUN_UNIFORM, ORTHOGONAL, RANDOM_NORMAL,
    RANDOM_UNIFORM, TRUNCATED_NORMAL, VARIANCE_SCALING,
};

use keras_kernels::philox::{Key, Philox};

use crate::model::graph::{Distribution, Fan, Graph, Init};

/// The step of the random sequences for initial weights, which training does not reach.
const STEP: u64 = u64::MAX;
/// The random sequence of parameters with seeds of their own.
const OWN: u32 = u32::MAX;

/// Gives all weights of a model their initial values, state included.
///
/// # Panics
/// If `weights` is not the parameter block of the graph's model.
pub fn initialize(graph: &Graph, weights: &mut [f32], seed: u64) {
    for (i, param) in graph.params.iter().enumerate() {
        let len: usize = param.shape.iter().product();
        fill(&param.init, param.shape, &mut weights[param.at..param.at + len], seed, i as u32);
    }
}

/// The initial values of one parameter with these dimensions: number `index` of a model with this seed.
///
/// ```
/// use keras_runtime::initializer::{GLOROT_UNIFORM, fill};
/// let mut kernel = [0.0; 6];
/// fill(&GLOROT_UNIFORM, &[2, 3], &mut kernel, 42, 0);
/// let limit = (6.0f32 / 5.0).sqrt();
/// assert!(kernel.iter().all(|w| w.abs() <= limit));
/// ```
///
/// # Panics
/// If `values` is not as long as the dimensions say.
pub fn fill(init: &Init, shape: &[usize], values: &mut [f32], seed: u64, index: u32) {
    assert_eq!(values.len(), shape.iter().product::<usize>(), "values for the shape {shape:?}");
    let random = |own: Option<u64>| match own {
        Some(seed) => Philox::new(Key { seed, step: STEP, stream: OWN }),
        None => Philox::new(Key { seed, step: STEP, stream: index }),
    };
    match *init {
        Init::Zeros => values.fill(0.0),
        Init::Ones => values.fill(1.0),
        Init::Constant(value) => values.fill(value),
        Init::Identity { gain } => {
            values.fill(0.0);
            if let [_, columns] = *shape
                && columns > 0
            {
                values.chunks_exact_mut(columns).zip(0..columns).for_each(|(row, i)| row[i] = gain);
            }
        }
        Init::RandomNormal { mean, stddev, seed } => normal(values, &mut random(seed), mean.into(), stddev.into()),
        Init::RandomUniform { minval, maxval, seed } => {
            uniform(values, &mut random(seed), minval.into(), maxval.into());
        }
        Init::TruncatedNormal { mean, stddev, seed } => {
            truncated_normal(values, &mut random(seed), mean.into(), stddev.into());
        }
        Init::VarianceScaling { scale, mode, distribution, seed } => {
            scaled(values, fans(shape), scale, mode, distribution, &mut random(seed));
        }
        Init::Units { of, inputs, outputs } => {
            let Init::VarianceScaling { scale, mode, distribution, seed } = *of else {
                return fill(of, shape, values, seed, index);
            };
            scaled(values, (inputs as f64, outputs as f64), scale, mode, distribution, &mut random(seed));
        }
        Init::Root { of } => {
            fill(of, shape, values, seed, index);
            values.iter_mut().for_each(|value| *value = value.sqrt());
        }
        Init::UnitForget { others } => {
            let units = values.len() / 4;
            let (first, rest) = values.split_at_mut(units);
            let (forget, rest) = rest.split_at_mut(units);
            fill(others, &[units], first, seed, index);
            forget.fill(1.0);
            // Keras draws twice: the second time, other numbers.
            fill(others, &[rest.len()], rest, seed, index ^ 1 << 31);
        }
        Init::Orthogonal { gain, seed } => {
            let columns = shape.last().copied().unwrap_or(1);
            orthogonal::fill(values, columns, gain.into(), &mut random(seed));
        }
    }
}

/// Values whose variance is scaled to the number of inputs and outputs.
fn scaled(
    values: &mut [f32],
    (fan_in, fan_out): (f64, f64),
    scale: f32,
    mode: Fan,
    distribution: Distribution,
    random: &mut Philox,
) {
    let fan = match mode {
        Fan::In => fan_in,
        Fan::Out => fan_out,
        Fan::Avg => (fan_in + fan_out) / 2.0,
    };
    let variance = f64::from(scale) / fan.max(1.0);
    match distribution {
        Distribution::TruncatedNormal => truncated_normal(values, random, 0.0, variance.sqrt() / CUT_STDDEV),
        Distribution::UntruncatedNormal => normal(values, random, 0.0, variance.sqrt()),
        Distribution::Uniform => {
            let limit = (3.0 * variance).sqrt();
            uniform(values, random, -limit, limit);
        }
    }
}

/// The standard deviation of a normal distribution of deviation 1 that is cut at ±2: √(1 − 4 φ(2) / (2 Φ(2) − 1)).
const CUT_STDDEV: f64 = 0.879_625_661_034_239_8;

fn normal(values: &mut [f32], random: &mut Philox, mean: f64, stddev: f64) {
    values.fill_with(|| (mean + stddev * random.normal()) as f32);
}

/// From `min` to below `max`.
fn uniform(values: &mut [f32], random: &mut Philox, min: f64, max: f64) {
    let below = if min < max { (max as f32).next_down() } else { max as f32 };
    values.fill_with(|| ((min + (max - min) * random.uniform_f64()) as f32).min(below));
}

/// Drawn again beyond two standard deviations.
fn truncated_normal(values: &mut [f32], random: &mut Philox, mean: f64, stddev: f64) {
    values.fill_with(|| {
        let mut z = random.normal();
        while z.abs() > 2.0 {
            z = random.normal();
        }
        (mean + stddev * z) as f32
    });
}
