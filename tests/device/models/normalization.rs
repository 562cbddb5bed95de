//! Normalizations.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

sequential! {
    struct Scaled<
        Input((3, 4)),
        LayerNormalization(),
        Dense(6, tanh),
        RMSNormalization(),
        GroupNormalization(3),
        Activation(tanh),
        BatchNormalization(),
        Activation(tanh),
        BatchNormalization(center = false, scale = false),
        LayerNormalization(center = false, scale = false),
        Dense(1),
    >;
}

/// All normalizations, with weights and without them; a batch that is smaller, and one to evaluate.
pub(crate) fn scaled(device: Device) {
    let (n, mut numbers) = (11, Numbers(12));
    let x: Vec<[[f32; 4]; 3]> = (0..n).map(|_| numbers.rows::<4>(3).try_into().unwrap()).collect();
    let y: Vec<[[f32; 1]; 3]> = (0..n).map(|_| numbers.rows::<1>(3).try_into().unwrap()).collect();
    let model = Scaled::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(8).shuffle(false).verbose(0)).unwrap();
    model.evaluate(&x, &y, 4).unwrap();
}

model! {
    struct Renormalized(x: [4, 3]) {
        let h = Dense(5, use_bias = false)(Masking()(x));
        let a = BatchNormalization(renorm = true, momentum = 0.8)(h);
        let b = GroupNormalization(1, scale = false)(BatchNormalization()(a));
        Dense(2, softmax)(a + b)
    }
}

/// Positions that do not count, renormalization, and layers that are frozen.
pub(crate) fn renormalized(device: Device) {
    let (n, mut numbers) = (9, Numbers(13));
    let step = |row: [f32; 3]| if row[0] < -0.2 { [0.0; 3] } else { row };
    let x: Vec<[[f32; 3]; 4]> = (0..n).map(|_| std::array::from_fn(|_| step(numbers.rows::<3>(1)[0]))).collect();
    let y: Vec<[u8; 4]> = (0..n).map(|_| numbers.classes(4, 2).try_into().unwrap()).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Renormalized::seeded(2).compile(Adam::new(0.01), loss, ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.set_trainable("batch_normalization", false).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

sequential! { struct Large< Input((33, 32)), GroupNormalization(1), BatchNormalization(), Dense(1) >; }

/// A group so large that a block has it, so many positions that sums are taken in parts, and more samples than a warp has lanes.
pub(crate) fn large(device: Device) {
    let (n, mut numbers) = (33, Numbers(14));
    let x: Vec<[[f32; 32]; 33]> = (0..n).map(|_| numbers.rows::<32>(33).try_into().unwrap()).collect();
    let y: Vec<[[f32; 1]; 33]> = (0..n).map(|_| numbers.rows::<1>(33).try_into().unwrap()).collect();
    let model = Large::seeded(3).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
