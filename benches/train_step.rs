//! One step of training, on one thread and on two: `cargo bench --bench train_step`.
//!
//! Results lie in target/criterion by the ids below.

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keras::prelude::*;
use support::{Group, Work};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
sequential! { struct Steps< Input(28, 28), LSTM(128), Dense(10, softmax) >; }
sequential! { struct Wide< Input(784), Dense(512, relu), Dense(512, relu), Dense(10, softmax) >; }
sequential! {
    struct Cnn<
        Input((28, 28, 1)),
        Conv2D(32, 3, activation = relu),
        MaxPooling2D,
        Conv2D(64, 3, activation = relu),
        MaxPooling2D,
        Flatten,
        Dense(10, softmax),
    >;
}

fn train_step(c: &mut Criterion) {
    let mut group = Group::new(c, "train_step");
    for (n, threads) in [(32, 1), (128, 1), (32, 2), (128, 2)] {
        let (x, y) = support::pixels(n);
        // So slow that the batch is never learnt by heart: vanishing gradients are subnormal numbers, which CPUs are slow at.
        let sgd = Sgd::new(1e-6).momentum(0.9).nesterov(true);
        let mut model =
            Mlp::seeded(1).compile(sgd, CategoricalCrossentropy::default(), ()).expect("compiled").threads(threads);
        group.bench(format!("mlp_784_64_10_b{n}{}", suffix(threads)), Work::step(&[784, 64, 10], n), |b| {
            b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
        });
    }
    for threads in [1, 2] {
        let (x, y) = support::pixels(128);
        let adam = Adam::new(1e-7);
        let model = Wide::seeded(1).compile(adam, CategoricalCrossentropy::default(), ()).expect("compiled");
        let mut model = model.threads(threads);
        let id = format!("mlp_784_512_512_10_b128{}", suffix(threads));
        group.bench(id, Work::step(&[784, 512, 512, 10], 128), |b| {
            b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
        });
    }
    for threads in [1, 2] {
        let (x, y) = support::pixels(64);
        let (x, [first, others]) = (support::images(&x), support::CNN);
        let model = Cnn::seeded(1).compile(Adam::new(1e-7), CategoricalCrossentropy::default(), ()).expect("compiled");
        let mut model = model.threads(threads);
        let work = Work::fmas((2 * first + 3 * others) * 64);
        group.bench(format!("cnn_32_64_b64{}", suffix(threads)), work, |b| {
            b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
        });
    }
    for threads in [1, 2] {
        let (x, y) = support::pixels(64);
        let x: Vec<[[f32; 28]; 28]> = x.iter().map(support::rows).collect();
        let adam = Adam::new(1e-7);
        let model = Steps::seeded(1).compile(adam, CategoricalCrossentropy::default(), ()).expect("compiled");
        let mut model = model.threads(threads);
        // The projections have no gradient of the data.
        let fmas = 64 * (28 * (2 * 28 + 3 * 128) * 512 + 3 * 128 * 10);
        group.bench(format!("lstm_128_28x28_b64{}", suffix(threads)), Work::fmas(fmas), |b| {
            b.iter(|| model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss));
        });
    }
    group.finish();
}

fn suffix(threads: usize) -> &'static str {
    if threads == 1 { "" } else { "_t2" }
}

criterion_group! { name = benches; config = support::criterion(); targets = train_step }
criterion_main!(benches);
