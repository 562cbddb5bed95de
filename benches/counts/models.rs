//! The training loop and predictions.

use std::hint::black_box;

use keras::prelude::*;

use super::{Cases, Work};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
sequential! { struct Tiny< Input(4), Dense(16, relu), Dense(16, relu), Dense(1) >; }

pub(crate) const CASES: Cases = &[
    ("train_on_batch/mlp_784_64_10_b32_4_steps", train_on_batch),
    ("fit/mlp_4_16_16_1_b8_200_steps", fit),
    ("predict_one/mlp_784_64_10", predict_one),
    ("predict_one/mlp_4_16_16_1_100_times", predict_tiny),
];

fn pixels(n: usize) -> Vec<[f32; 784]> {
    let pixel = |i: usize, j: usize| ((i * 31 + j * 17) % 256) as f32 / 255.0;
    (0..n).map(|i| std::array::from_fn(|j| pixel(i, j))).collect()
}

fn train_on_batch() -> Work {
    let (x, y) = (pixels(32), (0..32).map(|i| i % 10).collect::<Vec<u8>>());
    let sgd = Sgd::new(1e-6).momentum(0.9).nesterov(true);
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Mlp::seeded(1).compile(sgd, loss, (Accuracy::default(),)).expect("compiled");
    Box::new(move || {
        for _ in 0..4 {
            black_box(model.train_on_batch(black_box(&x), &y)).expect("a step");
        }
    })
}

/// So little arithmetic that what is counted is the loop around it.
fn fit() -> Work {
    let x: Vec<[f32; 4]> = (0..400).map(|i| std::array::from_fn(|j| ((i * 7 + j * 13) % 32) as f32 / 32.0)).collect();
    let y: Vec<[f32; 1]> = x.iter().map(|row| [row.iter().sum()]).collect();
    let metrics = (keras::metrics::MeanAbsoluteError::default(),);
    let mut model =
        Tiny::seeded(1).compile(Sgd::new(1e-6), MeanSquaredError::default(), metrics).expect("compiled").seed(1);
    Box::new(move || {
        black_box(model.fit(&x, &y, Fit::epochs(4).batch_size(8).verbose(0))).expect("a history");
    })
}

fn predict_one() -> Work {
    let (model, x) = (Mlp::seeded(1), pixels(1));
    Box::new(move || _ = black_box(model.predict_one(black_box(&x[0]))))
}

fn predict_tiny() -> Work {
    let model = Tiny::seeded(1);
    Box::new(move || {
        for _ in 0..100 {
            black_box(model.predict_one(black_box(&[0.1, 0.2, 0.3, 0.4])));
        }
    })
}
