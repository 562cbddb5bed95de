//! One prediction: `cargo bench --bench predict_one`. Results lie in target/criterion by the ids below.

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keras::prelude::*;
use support::{Group, Work};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
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
sequential! { struct Steps< Input(28, 28), LSTM(128), Dense(10, softmax) >; }
sequential! { struct Tiny< Input(4), Dense(16, relu), Dense(16, relu), Dense(1) >; }

fn predict_one(c: &mut Criterion) {
    let mut group = Group::new(c, "predict_one");
    let (x, _) = support::pixels(1);
    let model = Mlp::seeded(1);
    group.bench("mlp_784_64_10", Work::prediction(&[784, 64, 10]), |b| {
        b.iter(|| model.predict_one(black_box(&x[0])));
    });
    let (model, [first, others]) = (Cnn::seeded(1), support::CNN);
    let image = support::images(&x);
    group.bench("cnn_32_64", Work::fmas(first + others), |b| {
        b.iter(|| model.predict_one(black_box(&image[0])));
    });
    let model = Tiny::seeded(1);
    group.bench("mlp_4_16_16_1", Work::prediction(&[4, 16, 16, 1]), |b| {
        b.iter(|| model.predict_one(black_box(&[0.1, 0.2, 0.3, 0.4])));
    });
    let (model, x) = (Steps::seeded(1), support::rows(&x[0]));
    // The recurrent kernel is read again at each step, from the second-level cache: that is what the time is.
    let work = Work::fmas(28 * (28 + 128) * 512 + 128 * 10);
    group.bench("lstm_128_28x28", work, |b| b.iter(|| model.predict_one(black_box(&x))));
    group.finish();
}

criterion_group! { name = benches; config = support::criterion(); targets = predict_one }
criterion_main!(benches);
