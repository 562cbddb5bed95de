//! Models that between them launch all kernels, each trained and tested for a few batches.

use keras::device::Device;
use keras::losses::Reduction;
use keras::metrics;
use keras::prelude::*;

/// Trains a model on a device.
pub(crate) type Train = fn(Device);

/// All of them.
pub(crate) const ALL: [Train; 13] = [
    classes,
    shares,
    labels,
    errors,
    divergences,
    positions,
    layers_sgd,
    layers_adam,
    tiles,
    rows,
    merged,
    words,
    masked,
];

/// Numbers that look random.
struct Numbers(u32);

impl Numbers {
    /// From −1 to 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }

    fn rows<const N: usize>(&mut self, rows: usize) -> Vec<[f32; N]> {
        (0..rows).map(|_| std::array::from_fn(|_| self.next())).collect()
    }

    /// Distributions.
    fn shares<const N: usize>(&mut self, rows: usize) -> Vec<[f32; N]> {
        let mut share = || {
            let row: [f32; N] = std::array::from_fn(|_| self.next() + 1.0);
            let sum: f32 = row.iter().sum();
            row.map(|x| x / sum)
        };
        (0..rows).map(|_| share()).collect()
    }

    fn classes(&mut self, rows: usize, of: u32) -> Vec<u8> {
        (0..rows).map(|_| ((self.next() + 1.0) * 0.5 * of as f32) as u8).collect()
    }
}

sequential! { struct Mlp< Input(12), Dense(16, relu), Dropout(0.25), Dense(5, softmax) >; }

/// A classifier with validation and a last batch that is smaller.
pub(crate) fn classes(device: Device) {
    let mut numbers = Numbers(1);
    let (x, y) = (numbers.rows::<12>(20), numbers.classes(20, 5));
    let loss = SparseCategoricalCrossentropy::default();
    let model = Mlp::seeded(3).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(5).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(8).validation_split(0.25).verbose(0)).unwrap();
}

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
    let mut model = model.loss_weights(&[1.0, 0.5, 2.0, 0.25]).on(device).unwrap();
    model.fit(&x, (&a, &b, &c, &d), Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
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
    let mut model = model.on(device).unwrap();
    model.fit(&x, (&a, &b, &c, &d), Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
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
    let mut model = model.on(device).unwrap();
    let weights: Vec<f32> = (0..n).map(|i| i as f32 * 0.5).collect();
    let fit = Fit::epochs(2).batch_size(n).sample_weight(&weights).verbose(0);
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
    let mut model = model.on(device).unwrap();
    model.fit(&x, (&a, &b), Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
}

sequential! { struct Positions< Input((3, 4)), Dense(6, gelu), Dense(5, softmax) >; }

/// Several positions in a row, some of which do not count.
pub(crate) fn positions(device: Device) {
    let n = 9;
    let mut numbers = Numbers(4);
    let x: Vec<[[f32; 4]; 3]> = (0..n).map(|_| numbers.rows::<4>(3).try_into().unwrap()).collect();
    let y: Vec<[u8; 3]> = (0..n).map(|_| numbers.classes(3, 5).try_into().unwrap()).collect();
    let weights: Vec<f32> = (0..n).map(|i| i as f32 * 0.5).collect();
    let loss = SparseCategoricalCrossentropy::default().ignore_class(1).reduction(Reduction::MeanWithSampleWeight);
    let model = Positions::seeded(6).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.weighted_metrics((Accuracy::default(),)).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).sample_weight(&weights).verbose(0)).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).verbose(0)).unwrap();
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
    model.fit((&a, &b), &y, Fit::epochs(3).batch_size(n).verbose(0)).unwrap();
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

sequential! { struct Tiles< Input(72), Dense(68, relu), Dense(66, tanh), Dense(1) >; }

/// Products that are longer than a tile in each dimension, with lines of whole fours and others, and one of a single column.
pub(crate) fn tiles(device: Device) {
    let n = 65;
    let mut numbers = Numbers(6);
    let (x, y) = (numbers.rows::<72>(n), numbers.rows::<1>(n));
    let model = Tiles::seeded(9).compile(Adam::new(0.01), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).verbose(0)).unwrap();
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
    model.fit(&x, &y, Fit::epochs(1).batch_size(1).sample_weight(&[0.5]).verbose(0)).unwrap();
    model.test_on_batch(&x, &y).unwrap();
}

model! {
    struct Merged(a: [6], b: [6]) {
        let p = Dense(6, tanh)(a);
        let q = Dense(6)(b);
        let r = Dense(6)(a);
        let means = Concatenate()(Average()([p, q, r]), Subtract()(p, q));
        let h = Concatenate()(Multiply()([p, q, r]), Maximum()([p, q, p]), Minimum()([q, p, r]), means);
        Dense(3, softmax)(UnitNormalization()(Activation(glu)(h)))
    }
}

/// Inputs merged in all ways, gated linear units, and rows divided by their norm.
pub(crate) fn merged(device: Device) {
    let n = 7;
    let mut numbers = Numbers(7);
    let (a, b, y) = (numbers.rows::<6>(n), numbers.rows::<6>(n), numbers.classes(n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Merged::seeded(2).compile(Sgd::new(0.1), loss, ()).unwrap().on(device).unwrap();
    model.fit((&a, &b), &y, Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
}

sequential! { struct Words< Input(5, dtype = u32), Embedding(6, 4, mask_zero = true), Dense(3, softmax) >; }

/// Numbers that stand for rows of a table, of which 0 does not count.
pub(crate) fn words(device: Device) {
    let (n, mut numbers) = (7, Numbers(8));
    let x: Vec<[u32; 5]> =
        (0..n).map(|_| numbers.classes(5, 6)).map(|row| std::array::from_fn(|i| row[i].into())).collect();
    let y: Vec<[u8; 5]> = (0..n).map(|_| numbers.classes(5, 3).try_into().unwrap()).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Words::seeded(3).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
}

model! {
    struct Masked(a: [4, 3], b: [4, 3]) {
        let p = Dense(3)(Masking()(a));
        let q = Dense(3, tanh)(Masking()(b));
        Dense(2, softmax)(Maximum()(p, q) + Multiply()(p, q))
    }
}

/// Rows that masks leave out.
pub(crate) fn masked(device: Device) {
    let n = 7;
    let mut numbers = Numbers(9);
    let mut sequences = || -> Vec<[[f32; 3]; 4]> {
        let step = |row: [f32; 3]| if row[0] < -0.2 { [0.0; 3] } else { row };
        (0..n).map(|_| std::array::from_fn(|_| step(numbers.rows::<3>(1)[0]))).collect()
    };
    let (a, b) = (sequences(), sequences());
    let y: Vec<[u8; 4]> = (0..n).map(|_| numbers.classes(4, 2).try_into().unwrap()).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Masked::seeded(4).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.on(device).unwrap();
    model.fit((&a, &b), &y, Fit::epochs(2).batch_size(n).verbose(0)).unwrap();
}
