//! One step of training, one prediction, on one thread: `cargo bench --bench train_step`.
//!
//! Results lie in target/criterion by the ids below.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keras::prelude::*;

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
sequential! { struct Wide< Input(784), Dense(512, relu), Dense(512, relu), Dense(10, softmax) >; }
sequential! { struct Tiny< Input(4), Dense(16, relu), Dense(16, relu), Dense(1) >; }

/// Data that neither saturate nor vanish: pixels between 0 and 1, classes in turn.
fn data(n: usize) -> (Vec<[f32; 784]>, Vec<[f32; 10]>) {
    let pixel = |i: usize, j: usize| ((i * 31 + j * 17) % 256) as f32 / 255.0;
    let x = (0..n).map(|i| std::array::from_fn(|j| pixel(i, j))).collect();
    let y = (0..n).map(|i| std::array::from_fn(|j| f32::from(u8::from(i % 10 == j)))).collect();
    (x, y)
}

fn train_step(c: &mut Criterion) {
    let mut group = c.benchmark_group("train_step");
    for n in [32, 128] {
        let (x, y) = data(n);
        // So slow that the batch is never learnt by heart: vanishing gradients are subnormal numbers, which CPUs are slow at.
        let sgd = Sgd::new(1e-6).momentum(0.9).nesterov(true);
        let mut model = Mlp::seeded(1).compile(sgd, CategoricalCrossentropy::default(), ()).expect("compiled");
        group.bench_function(format!("mlp_784_64_10_b{n}"), |b| {
            b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
        });
    }
    let (x, y) = data(128);
    let mut model = Wide::seeded(1).compile(Adam::new(1e-7), CategoricalCrossentropy::default(), ()).expect("compiled");
    group.bench_function("mlp_784_512_512_10_b128", |b| {
        b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
    });
    group.finish();
}

fn predict_one(c: &mut Criterion) {
    let mut group = c.benchmark_group("predict_one");
    let (x, _) = data(1);
    let model = Mlp::seeded(1);
    group.bench_function("mlp_784_64_10", |b| b.iter(|| model.predict_one(black_box(&x[0]))));
    let model = Tiny::seeded(1);
    group.bench_function("mlp_4_16_16_1", |b| b.iter(|| model.predict_one(black_box(&[0.1, 0.2, 0.3, 0.4]))));
    group.finish();
}

criterion_group!(benches, train_step, predict_one);
criterion_main!(benches);
