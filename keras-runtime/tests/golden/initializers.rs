use keras_runtime::initializer::fill;
use keras_runtime::model::graph::{Distribution, Fan, Init};

use crate::file::{Call, Case, each_case};

fn initializer(call: &Call) -> Init {
    let number = |i: &str, default: f32| call.float(i).unwrap_or(default);
    match (call.class.as_str(), call.arguments.len()) {
        (name, 0) => name.parse().unwrap(),
        ("Constant", _) => Init::Constant(number("0", 0.0)),
        ("Identity", _) => Init::Identity { gain: number("0", 1.0) },
        ("Orthogonal", _) => Init::Orthogonal { gain: number("0", 1.0), seed: None },
        ("RandomUniform", _) => {
            Init::RandomUniform { minval: number("0", -0.05), maxval: number("1", 0.05), seed: None }
        }
        ("RandomNormal", _) => Init::RandomNormal { mean: number("0", 0.0), stddev: number("1", 0.05), seed: None },
        ("TruncatedNormal", _) => {
            Init::TruncatedNormal { mean: number("0", 0.0), stddev: number("1", 0.05), seed: None }
        }
        ("VarianceScaling", _) => Init::VarianceScaling {
            scale: number("0", 1.0),
            mode: match call.get("1") {
                Some("'fan_out'") => Fan::Out,
                Some("'fan_avg'") => Fan::Avg,
                other => panic!("{other:?}"),
            },
            distribution: match call.get("2") {
                Some("'uniform'") => Distribution::Uniform,
                Some("'untruncated_normal'") => Distribution::UntruncatedNormal,
                other => panic!("{other:?}"),
            },
            seed: None,
        },
        (other, _) => panic!("no initializer {other}"),
    }
}

/// At least `least` values for a shape, from as many seeds as it takes.
fn draw(init: &Init, shape: &[usize], least: usize) -> Vec<f64> {
    let len: usize = shape.iter().product();
    let mut values = vec![0.0; len];
    let mut all = Vec::new();
    for seed in 0..least.div_ceil(len) as u64 {
        fill(init, shape, &mut values, seed, 3);
        all.extend(values.iter().map(|&v| f64::from(v)));
    }
    all
}

/// Checks the mean and the variance: neither further from what Keras's arguments say than five standard errors.
fn moments(case: &Case, values: &[f64], mean: f64, variance: f64, kurtosis: f64) {
    let n = values.len() as f64;
    let average = values.iter().sum::<f64>() / n;
    assert!((average - mean).abs() <= 5.0 * (variance / n).sqrt(), "{}: mean {average}, not {mean}", case.name);
    let spread = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let error = variance * ((kurtosis - 1.0) / n).sqrt();
    assert!((spread - variance).abs() <= 5.0 * error, "{}: variance {spread}, not {variance}", case.name);
}

/// Those of a normal distribution of deviation 1 that is cut at ±2.
const CUT_VARIANCE: f64 = 0.773_741_303_55;
const CUT_KURTOSIS: f64 = 2.365_536_7;

#[test]
fn distributions() {
    each_case("initializers", |case| {
        let init = initializer(&case.call("keras.initializers."));
        if case.has("value") {
            let shape = case.shape("value");
            let mut values = vec![f32::NAN; shape.iter().product()];
            fill(&init, &shape, &mut values, 0, 0);
            assert_eq!(values, case.floats("value"), "{}", case.name);
            return;
        }
        let shape: Vec<usize> = case.labels("dims").iter().map(|&d| d as usize).collect();
        if case.has("orthogonal_columns") {
            return orthogonal(case, &init, &shape);
        }
        let values = draw(&init, &shape, 20_000);
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        if case.has("minval") {
            let (min, max) = (case.number("minval"), case.number("maxval"));
            let width = max - min;
            let slack = 1e-6 * max.abs().max(min.abs());
            assert!(min - slack <= low && high <= max + slack, "{}: from {low} to {high}", case.name);
            assert!(low < min + 0.001 * width && high > max - 0.001 * width, "{}: from {low} to {high}", case.name);
            moments(case, &values, (min + max) / 2.0, width * width / 12.0, 1.8);
        } else {
            let (mean, stddev) = (case.number("mean"), case.number("stddev"));
            if case.has("truncated_below") {
                let slack = 1e-6 * stddev;
                assert!(case.number("truncated_below") - slack <= low, "{}: from {low}", case.name);
                assert!(high <= case.number("truncated_above") + slack, "{}: to {high}", case.name);
                moments(case, &values, mean, stddev * stddev * CUT_VARIANCE, CUT_KURTOSIS);
            } else {
                moments(case, &values, mean, stddev * stddev, 3.0);
            }
        }
    });
}

fn orthogonal(case: &Case, init: &Init, shape: &[usize]) {
    let columns = *shape.last().unwrap();
    let values = draw(init, shape, 1);
    let rows = values.len() / columns;
    let by_columns = case.number("orthogonal_columns") == 1.0;
    let vectors: Vec<Vec<f64>> = if by_columns {
        (0..columns).map(|j| (0..rows).map(|i| values[i * columns + j]).collect()).collect()
    } else {
        values.chunks(columns).map(<[f64]>::to_vec).collect()
    };
    for (i, a) in vectors.iter().enumerate() {
        for (j, b) in vectors.iter().enumerate() {
            let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            let expected = if i == j { case.number("squared_norm") } else { 0.0 };
            assert!((product - expected).abs() < 1e-6, "{}: vectors {i} and {j}: {product}", case.name);
        }
    }
}

#[test]
fn seeds_and_indices() {
    let draw = |init: &str, seed, index| {
        let mut values = [0.0; 12];
        fill(&init.parse().unwrap(), &[3, 4], &mut values, seed, index);
        values
    };
    for init in ["glorot_uniform", "he_normal", "random_normal", "orthogonal"] {
        assert_eq!(draw(init, 7, 2), draw(init, 7, 2));
        assert_ne!(draw(init, 7, 2), draw(init, 7, 3));
        assert_ne!(draw(init, 7, 2), draw(init, 8, 2));
    }
    // A seed of its own is all that counts.
    let own = Init::RandomNormal { mean: 0.0, stddev: 1.0, seed: Some(5) };
    let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
    fill(&own, &[4], &mut a, 1, 1);
    fill(&own, &[4], &mut b, 2, 2);
    assert_eq!(a, b);
}
