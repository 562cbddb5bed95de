//! keras itself, and the processor's peak beside each time.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use keras::datasets::mnist;
use keras::prelude::*;
use keras_kernels::gemm::{self, Factor};
use keras_kernels::{Isa, peak};
use serde_json::json;

use crate::clock::Clock;
use crate::works::{
    self, ADAM, BATCH, FIT, PREDICT, PREDICT_CNN, PREDICT_LSTM, PREDICT_TINY, PRODUCTS, SGD, STEP_32, STEP_128,
    STEP_CNN, STEP_ENCODER, STEP_LSTM, STEP_WIDE,
};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
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
sequential! { struct Lstm< Input((28, 28)), LSTM(128), Dense(10, softmax) >; }
model! {
    struct Encoder(x: [28, 28]) {
        let x = Dense(64)(x);
        let x = LayerNormalization()(x + MultiHeadAttention(4, 16)(x, x));
        let x = LayerNormalization()(x + Dense(64)(Dense(128, relu)(x)));
        Dense(10, softmax)(GlobalAveragePooling1D()(x))
    }
}
sequential! { struct Tiny< Input(4), Dense(16, relu), Dense(16, relu), Dense(1) >; }

const NAME: &str = "ours";

pub fn run(clock: &Clock) -> super::Outcome {
    for (work, n) in [(STEP_32, 32), (STEP_128, 128)] {
        let (x, y) = data(n);
        let sgd = Sgd::new(SGD).momentum(0.9).nesterov(true);
        let mut model = Mlp::seeded(1).compile(sgd, CategoricalCrossentropy::default(), ())?;
        show(clock, work, || _ = black_box(model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss)));
    }
    let (x, y) = data(128);
    let mut model = Wide::seeded(1).compile(Adam::new(ADAM), CategoricalCrossentropy::default(), ())?;
    show(clock, STEP_WIDE, || _ = black_box(model.train_on_batch(black_box(&x), black_box(&y)).map(Scores::loss)));
    let (x, y) = data(BATCH);
    let images: Vec<[[[f32; 1]; 28]; 28]> = x.iter().map(|x| rows(x).map(|row| row.map(|pixel| [pixel]))).collect();
    let mut model = Cnn::seeded(1).compile(Adam::new(ADAM), CategoricalCrossentropy::default(), ())?;
    show(clock, STEP_CNN, || _ = black_box(model.train_on_batch(black_box(&images), black_box(&y)).map(Scores::loss)));
    let lines: Vec<[[f32; 28]; 28]> = x.iter().map(rows).collect();
    let mut model = Lstm::seeded(1).compile(Adam::new(ADAM), CategoricalCrossentropy::default(), ())?;
    show(clock, STEP_LSTM, || _ = black_box(model.train_on_batch(black_box(&lines), black_box(&y)).map(Scores::loss)));
    let mut model = Encoder::seeded(1).compile(Adam::new(ADAM), CategoricalCrossentropy::default(), ())?;
    show(clock, STEP_ENCODER, || {
        _ = black_box(model.train_on_batch(black_box(&lines), black_box(&y)).map(Scores::loss))
    });
    if clock.threads == 1 {
        let model = Cnn::seeded(1);
        show(clock, PREDICT_CNN, || _ = black_box(model.predict_one(black_box(&images[0]))));
        let model = Lstm::seeded(1);
        show(clock, PREDICT_LSTM, || _ = black_box(model.predict_one(black_box(&lines[0]))));
        let model = Mlp::seeded(1);
        show(clock, PREDICT, || _ = black_box(model.predict_one(black_box(&x[0]))));
        let model = Tiny::seeded(1);
        show(clock, PREDICT_TINY, || _ = black_box(model.predict_one(black_box(&[0.1, 0.2, 0.3, 0.4]))));
        for (n, work) in PRODUCTS {
            let (x, w, mut y) = (works::matrix(n), works::matrix(n), vec![0.0; n * n]);
            let mut tmp = vec![0.0; gemm::gemm_scratch(n, n, n)];
            show(clock, work, || product(n, &mut y, black_box(&x), black_box(&w), &mut tmp));
        }
    }
    match std::env::var_os("KERAS_TEST_DATA") {
        Some(folder) => fit(clock, &Path::new(&folder).join("mnist")),
        None => Ok(()),
    }
}

/// y = x · w, all n × n.
fn product(n: usize, y: &mut [f32], x: &[f32], w: &[f32], tmp: &mut [f32]) {
    gemm::gemm(Isa::current(), y, Factor::Plain(x), Factor::Plain(w), n, n, n, false, tmp);
}

fn fit(clock: &Clock, folder: &Path) -> super::Outcome {
    let data = mnist::load_data_from(folder)?;
    let train = data.train.scaled().flattened::<784>().categorical::<10>()?;
    let test = data.test.scaled().flattened::<784>().categorical::<10>()?;
    let sgd = Sgd::new(0.01).momentum(0.9).nesterov(true);
    let metrics = (Accuracy::default(),);
    let mut model = Mlp::seeded(1).compile(sgd, CategoricalCrossentropy::default(), metrics)?.seed(1);
    let before = limit(FIT, clock.threads);
    let start = Instant::now();
    model.fit(&train.x, &train.y, Fit::epochs(5).batch_size(32).verbose(0))?;
    let us = start.elapsed().as_secs_f64() * 1e6;
    let limit = before.min(limit(FIT, clock.threads));
    let scores = model.evaluate(&test.x, &test.y, Evaluate::batch_size(128).verbose(0))?;
    clock.print(NAME, FIT, us, json!({"limit": limit, "accuracy": scores.get("accuracy")}));
    Ok(())
}

fn data(n: usize) -> (Vec<[f32; 784]>, Vec<[f32; 10]>) {
    let x = works::pixels(n).as_chunks().0.to_vec();
    let one_hot = |class| std::array::from_fn(|i| f32::from(u8::from(i == class)));
    (x, works::classes(n).into_iter().map(one_hot).collect())
}

fn rows(x: &[f32; 784]) -> [[f32; 28]; 28] {
    std::array::from_fn(|i| std::array::from_fn(|j| x[28 * i + j]))
}

fn show(clock: &Clock, work: &str, f: impl FnMut()) {
    let before = limit(work, clock.threads);
    let (median, _) = clock.time(f);
    let limit = before.min(limit(work, clock.threads));
    clock.print(NAME, work, median, json!({"limit": limit}));
}

/// The least microseconds that a work can take on so many threads at this moment.
fn limit(work: &str, threads: usize) -> f64 {
    let Some(least) = works::least(work) else { return f64::NAN };
    let isa = Isa::current();
    let on_all = |f: &(dyn Fn() -> Option<f64> + Sync)| -> f64 {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(f)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).sum()
        })
    };
    let arithmetic = least.fmas / on_all(&|| peak::multiply_adds(isa));
    if least.reads == 0 {
        return arithmetic;
    }
    arithmetic.max((least.reads * least.times) as f64 / on_all(&|| peak::bytes_read(isa, least.reads)))
}
