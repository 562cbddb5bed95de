//! Dense networks.

use keras::Predicting;
use keras::device::Device;
use keras::metrics;
use keras::prelude::*;

use super::Numbers;

sequential! { struct Mlp< Input(12), Dense(16, relu), Dropout(0.25), Dense(5, softmax) >; }

/// A classifier with validation, predictions, and a last batch that is smaller.
pub(crate) fn classes(device: Device) {
    let mut numbers = Numbers(1);
    let (x, y) = (numbers.rows::<12>(20), numbers.classes(20, 5));
    let loss = SparseCategoricalCrossentropy::default();
    let model = Mlp::seeded(3).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(5).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(8).validation_split(0.25).verbose(0)).unwrap();
    model.predict_with(&x, Predicting::batch_size(12).verbose(0)).unwrap();
}

sequential! { struct Base< Input(6), Dense(7, tanh, kernel_regularizer = L2(0.02)), Dropout(0.25), Dense(6) >; }

model! {
    struct Layers(a: [6], b: [4]) {
        let base = self::Base;
        let twice = Dense(6, elu, kernel_regularizer = L1L2(0.01, 0.02), activity_regularizer = L1(0.1));
        let h = base(a) + twice(Dense(6, use_bias = false)(b)) + twice(a);
        let h = base(Activation(silu)(h));
        let s = Softmax()(Activation(log_softmax)(h));
        let e = EinsumDense("tc,cde->tde", output_shape = (2, 3), bias_axes = "e")(b);
        Dense(2)(Flatten()(e) + s)
    }
}

fn layers(optimizer: impl Optimizer, device: Device) {
    let n = 5;
    let mut numbers = Numbers(5);
    let (a, b, y) = (numbers.rows::<6>(n), numbers.rows::<4>(n), numbers.rows::<2>(n));
    let model = Layers::seeded(7).compile(optimizer, MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(8).on(device).unwrap();
    model.fit((&a, &b), &y, Fit::epochs(3).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

/// Shared layers, models as layers, penalties, and gradient descent with all it can do.
pub(crate) fn layers_sgd(device: Device) {
    let optimizer = Sgd::new(0.1).momentum(0.9).nesterov(true).clipvalue(0.05).weight_decay(0.01);
    layers(optimizer.use_ema(true).ema_overwrite_frequency(2), device);
}

/// The same with Adam and all it can do.
pub(crate) fn layers_adam(device: Device) {
    let optimizer = Adam::new(0.01).amsgrad(true).weight_decay(0.1).exclude_from_weight_decay(["bias"]);
    layers(optimizer.use_ema(true), device);
}

sequential! {
    struct Tiles<
        Input(72),
        Dense(68, relu, kernel_regularizer = L1L2(0.001, 0.002), activity_regularizer = L1(0.003)),
        Dense(66, tanh),
        Dense(1),
    >;
}

/// Products that are longer than a tile in each dimension, with lines of whole fours and others, and one of a single column; and
/// penalties in parts.
pub(crate) fn tiles(device: Device) {
    let n = 65;
    let mut numbers = Numbers(6);
    let (x, y) = (numbers.rows::<72>(n), numbers.rows::<1>(n));
    let model = Tiles::seeded(9).compile(Adam::new(0.01), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

sequential! {
    struct Divided<
        Input(203),
        Dense(70, tanh),
        Dense(150, relu),
        Dropout(0.25),
        Dense(131, use_bias = false),
        Dense(3, softmax),
    >;
}

/// Products of few tiles, whose sums are added up in parts, the last of which is short, and what is done when all are there.
pub(crate) fn divided(device: Device) {
    let (n, mut numbers) = (9, Numbers(26));
    let (x, y) = (numbers.rows::<203>(n), numbers.classes(n, 3));
    let model = Divided::seeded(4).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(5).shuffle(false).verbose(0)).unwrap();
}

sequential! {
    struct Narrow<
        Input(1),
        Dense(35, relu, kernel_regularizer = L1L2(0.01, 0.02), activity_regularizer = L2(0.01)),
        Dropout(0.5),
        Dense(1, softmax),
        Dense(34, softmax),
    >;
}

/// A batch of one row of one number, and lines a little longer than a warp.
pub(crate) fn rows(device: Device) {
    let (x, y) = ([[0.5f32]], [33u8]);
    let loss = SparseCategoricalCrossentropy::default();
    let metrics = (Accuracy::default(), metrics::SparseTopKCategoricalAccuracy::new(3));
    let model = Narrow::seeded(1).compile(Sgd::new(0.1).momentum(0.5), loss, metrics).unwrap();
    let mut model = model.seed(3).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(1).shuffle(false).sample_weight(&[0.5]).verbose(0)).unwrap();
    model.test_on_batch(&x, &y).unwrap();
}

sequential! {
    struct Held<
        Input(12),
        Reshape((3, 4)),
        Conv1D(40, 2, activation = relu, kernel_constraint = MaxNorm(0.3, (0, 1)), bias_constraint = NonNeg()),
        Flatten(),
        Dense(34, tanh, kernel_constraint = UnitNorm(1)),
        Dense(5, softmax, kernel_constraint = MinMaxNorm(0.2, 0.6, 0.5)),
    >;
}

fn held(optimizer: impl Optimizer, device: Device) {
    let (n, mut numbers) = (10, Numbers(15));
    let (x, y) = (numbers.rows::<12>(n), numbers.classes(n, 5));
    let model = Held::seeded(1).compile(optimizer, SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(3).batch_size(5).shuffle(false).verbose(0)).unwrap();
}

/// Constraints, accumulated gradients, and gradients of each weight clipped to a norm.
pub(crate) fn clipped(device: Device) {
    held(Sgd::new(0.5).gradient_accumulation_steps(2).use_ema(true).clipnorm(0.1), device);
}

/// The same with gradients of all weights clipped together.
pub(crate) fn clipped_together(device: Device) {
    held(Adam::new(0.1).gradient_accumulation_steps(2).global_clipnorm(0.1), device);
}
