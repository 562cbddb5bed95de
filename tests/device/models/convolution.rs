//! Convolutions and transposed ones.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

sequential! {
    struct Images<
        Input((9, 8, 3)),
        Conv2D(8, 3, padding = "same", activation = relu),
        Conv2D(20, (3, 2), strides = 2, groups = 2, use_bias = false),
        DepthwiseConv2D(3, depth_multiplier = 2, padding = "same", activation = tanh),
        Conv2D(36, 2, dilation_rate = 2),
        Flatten(),
        Dense(3, softmax),
    >;
}

/// Tiles, groups, and features that have windows of their own; sums in parts.
pub(crate) fn images(device: Device) {
    let (n, mut numbers) = (17, Numbers(10));
    let x: Vec<[[[f32; 3]; 8]; 9]> =
        (0..n).map(|_| std::array::from_fn(|_| std::array::from_fn(|_| numbers.rows::<3>(1)[0]))).collect();
    let y = numbers.classes(n, 3);
    let model = Images::seeded(1).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Signals(x: [10, 4]) {
        let p = Conv1D(6, 3, padding = "causal", dilation_rate = 2)(x);
        let q = Conv1DTranspose(6, 3, strides = 2, padding = "same", activation = sigmoid)(p);
        let r = SeparableConv1D(6, 3, strides = 2, padding = "same")(q);
        let s = Conv1DTranspose(6, 2, padding = "same")(r);
        Dense(1)(Flatten()(s + Multiply()(p, r)))
    }
}

/// One dimension, inputs that have several readers, and transposed convolutions.
pub(crate) fn signals(device: Device) {
    let (n, mut numbers) = (5, Numbers(11));
    let x: Vec<[[f32; 4]; 10]> = (0..n).map(|_| numbers.rows::<4>(10).try_into().unwrap()).collect();
    let y = numbers.rows::<1>(n);
    let model = Signals::seeded(2).compile(Adam::new(0.01), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
