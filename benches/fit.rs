//! The whole of `fit`: five epochs of a 784-64-10 network on MNIST with batches of 32, shuffled, with accuracy:
//! `KERAS_TEST_DATA=<folder with mnist/ in it> cargo bench --bench fit`.
//!
//! Results lie in target/criterion/fit/mnist_784_64_10_b32_5_epochs.

mod support;

use std::path::Path;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use keras::datasets::mnist;
use keras::prelude::*;
use support::{Group, Work};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }

fn fit(c: &mut Criterion) {
    let Some(folder) = std::env::var_os("KERAS_TEST_DATA") else {
        println!("fit: skipped, as KERAS_TEST_DATA is not set to a folder with mnist/ in it");
        return;
    };
    let data = mnist::load_data_from(Path::new(&folder).join("mnist")).expect("MNIST");
    let train = data.train.scaled().flattened::<784>().categorical::<10>().expect("ten classes");
    let mut group = Group::new(c, "fit");
    group.settings().sample_size(10);
    let mut work = Work::step(&[784, 64, 10], train.x.len());
    work.fmas *= 5.0;
    group.bench("mnist_784_64_10_b32_5_epochs", work, |b| {
        let new = || {
            let sgd = Sgd::new(0.01).momentum(0.9).nesterov(true);
            let metrics = (Accuracy::default(),);
            let model = Mlp::seeded(1).compile(sgd, CategoricalCrossentropy::default(), metrics).expect("compiled");
            model.seed(1).threads(1)
        };
        b.iter_batched_ref(
            new,
            |model| model.fit(&train.x, &train.y, Fit::epochs(5).batch_size(32).verbose(0)).expect("a history"),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group! { name = benches; config = support::criterion(); targets = fit }
criterion_main!(benches);
