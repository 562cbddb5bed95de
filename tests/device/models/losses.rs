//! All losses and metrics.

use keras::device::Device;
use keras::losses::Reduction;
use keras::metrics;
use keras::prelude::*;

use super::Numbers;

model! {
    struct Shares(x: [7]) {
        let h = Dense(9, tanh)(x);
        (Dense(5, softmax)(h), Dense(5)(h), Dense(4, softplus)(h), Dense(3, sigmoid)(h))
    }
}

/// Losses and metrics of classes as probabilities.
pub(crate) fn shares(device: Device) {
    let n = 11;
    let mut numbers = Numbers(2);
    let x = numbers.rows::<7>(n);
    let (a, b, c) = (numbers.shares::<5>(n), numbers.shares::<5>(n), numbers.shares::<4>(n));
    let d: Vec<_> = numbers.shares::<3>(n).into_iter().map(|row| row.map(f32::round)).collect();
    let losses = (
        CategoricalCrossentropy::default().label_smoothing(0.1),
        CategoricalCrossentropy::default().from_logits(true),
        CategoricalCrossentropy::default().label_smoothing(0.2),
        BinaryCrossentropy::default().label_smoothing(0.1),
    );
    let metrics = (
        (CategoricalAccuracy::default(), metrics::CategoricalCrossentropy::default()),
        (TopKCategoricalAccuracy::new(2), Accuracy::default()),
        (metrics::CategoricalCrossentropy::default().label_smoothing(0.2),),
        (BinaryAccuracy::new(0.4), metrics::BinaryCrossentropy::default()),
    );
    let model = Shares::seeded(4).compile(Sgd::new(0.05), losses, metrics).unwrap();
    let mut model = model.loss_weights(&[1.0, 0.5, 2.0, 0.25]).seed(1).on(device).unwrap();
    model.fit(&x, (&a, &b, &c, &d), Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Classes(x: [7]) {
        let h = Dense(9, tanh)(x);
        (Dense(5, softmax)(h), Dense(33)(h), Dense(4, softplus)(h), Dense(1)(h))
    }
}

/// Losses and metrics of classes as integers.
pub(crate) fn labels(device: Device) {
    let n = 10;
    let mut numbers = Numbers(3);
    let x = numbers.rows::<7>(n);
    let (a, b) = (numbers.classes(n, 5), numbers.classes(n, 33));
    let (c, d) = (numbers.classes(n, 4), numbers.classes(n, 2));
    let losses = (
        SparseCategoricalCrossentropy::default().ignore_class(2),
        SparseCategoricalCrossentropy::default().from_logits(true),
        SparseCategoricalCrossentropy::default().reduction(Reduction::Sum),
        BinaryCrossentropy::default().from_logits(true),
    );
    let metrics = (
        (metrics::SparseTopKCategoricalAccuracy::new(3), metrics::SparseCategoricalCrossentropy::default()),
        (SparseCategoricalAccuracy::default(),),
        (Accuracy::default(), metrics::SparseCategoricalCrossentropy::default().ignore_class(1)),
        (Accuracy::default(), metrics::BinaryCrossentropy::default().from_logits(true)),
    );
    let model = Classes::seeded(5).compile(Sgd::new(0.05), losses, metrics).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, (&a, &b, &c, &d), Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Values(x: [7]) {
        let h = Dense(9, tanh)(x);
        (Dense(3, hard_sigmoid)(h), Dense(3)(h), Dense(2)(h), Dense(1, sigmoid)(h))
    }
}

/// Losses and metrics of numbers, with weights.
pub(crate) fn errors(device: Device) {
    let n = 6;
    let mut numbers = Numbers(4);
    let x = numbers.rows::<7>(n);
    let (a, b, c) = (numbers.shares::<3>(n), numbers.rows::<3>(n), numbers.rows::<2>(n));
    let d: Vec<f32> = numbers.classes(n, 2).into_iter().map(f32::from).collect();
    let losses = (
        BinaryCrossentropy::default(),
        MeanSquaredError::default(),
        MeanAbsoluteError::default().reduction(Reduction::Sum),
        BinaryCrossentropy::default(),
    );
    let metrics = (
        (metrics::BinaryCrossentropy::default(),),
        (metrics::MeanSquaredError::default(), metrics::RootMeanSquaredError::default()),
        (metrics::MeanAbsoluteError::default(),),
        (Accuracy::default(), BinaryAccuracy::default()),
    );
    let model = Values::seeded(6).compile(Sgd::new(0.05).momentum(0.9), losses, metrics).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    let weights: Vec<f32> = (0..n).map(|i| i as f32 * 0.5).collect();
    let fit = Fit::epochs(2).batch_size(n).shuffle(false).sample_weight(&weights).verbose(0);
    model.fit(&x, (&a, &b, &c, &d), fit).unwrap();
}

model! {
    struct Divergences(x: [7]) {
        (Dense(4, softmax)(x), Dense(4, softplus)(x))
    }
}

/// Divergences.
pub(crate) fn divergences(device: Device) {
    let n = 6;
    let mut numbers = Numbers(5);
    let (x, a, b) = (numbers.rows::<7>(n), numbers.shares::<4>(n), numbers.shares::<4>(n));
    let losses = (KLDivergence::default(), KLDivergence::default());
    let metrics = ((metrics::KLDivergence::default(),), (metrics::KLDivergence::default(),));
    let model = Divergences::seeded(6).compile(Sgd::new(0.05).momentum(0.9), losses, metrics).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, (&a, &b), Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

sequential! { struct Positions< Input((3, 4)), Dense(6, gelu), Dense(5, softmax) >; }

/// Several positions in a row, some of which do not count, and more than a block has threads.
pub(crate) fn positions(device: Device) {
    let n = 99;
    let mut numbers = Numbers(4);
    let x: Vec<[[f32; 4]; 3]> = (0..n).map(|_| numbers.rows::<4>(3).try_into().unwrap()).collect();
    let y: Vec<[u8; 3]> = (0..n).map(|_| numbers.classes(3, 5).try_into().unwrap()).collect();
    let weights: Vec<f32> = (0..n).map(|i| i as f32 * 0.5).collect();
    let loss = SparseCategoricalCrossentropy::default().ignore_class(1).reduction(Reduction::MeanWithSampleWeight);
    let model = Positions::seeded(6).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.weighted_metrics((Accuracy::default(),)).seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).sample_weight(&weights).verbose(0)).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
