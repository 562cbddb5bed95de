//! Positions moved, pooled, and found between others.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

model! {
    struct Moved(x: [3, 4, 2]) {
        let h = Dense(3)(x);
        let padded = ZeroPadding2D(((1, 0), (0, 2)))(h);
        let larger = UpSampling2D((2, 3))(Cropping2D(((0, 1), (1, 1)))(h));
        let turned = Permute((3, 1, 2))(padded + larger);
        let copies = RepeatVector(5)(Dense(4)(Flatten()(x)));
        let sides = Permute((2, 1))(Reshape((17, 35))(Dense(595)(Flatten()(x))));
        let mixed = Flatten()(Permute((1, 3, 2))(Reshape((2, 17, 16))(Dense(544)(Flatten()(x)))));
        Dense(2)(Concatenate()(Flatten()(turned), Flatten()(copies), Flatten()(sides), mixed))
    }
}

/// Positions padded, cropped, repeated and permuted.
pub(crate) fn moved(device: Device) {
    let n = 5;
    let mut numbers = Numbers(10);
    let (x, y) = (images::<3, 4, 2>(&mut numbers, n), numbers.rows::<2>(n));
    let model = Moved::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Pooled(x: [5, 4, 3]) {
        // Many zeros, so that several positions of a window have the largest number.
        let h = Dense(2, relu)(x);
        let over = MaxPooling2D(3, strides = 2, padding = same)(h);
        let apart = AveragePooling2D((2, 3), strides = (3, 1), padding = same)(h);
        let steps = Reshape((20, 2))(h);
        let some = AdaptiveMaxPooling1D(7)(steps);
        let mean = AdaptiveAveragePooling1D(3)(steps);
        let all = GlobalAveragePooling3D()(Reshape((2, 5, 2, 2))(h));
        let parts = Concatenate()(Flatten()(over), Flatten()(apart), Flatten()(some), Flatten()(mean), all);
        let long = ZeroPadding2D(((2, 1), (3, 2)))(Dense(33, relu)(x));
        let wide = Concatenate()(GlobalMaxPooling2D()(long), GlobalAveragePooling2D()(long));
        Dense(2)(Concatenate()(parts, wide))
    }
}

/// The largest and the mean of windows that overlap, reach beyond the input, leave positions out, or see all of a few or of many.
pub(crate) fn pooled(device: Device) {
    let n = 5;
    let mut numbers = Numbers(11);
    let (x, y) = (images::<5, 4, 3>(&mut numbers, n), numbers.rows::<2>(n));
    let model = Pooled::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Interpolated(x: [4, 9, 2]) {
        let h = Dense(2)(x);
        let a = UpSampling2D((1, 2), interpolation = bilinear)(h);
        let b = UpSampling2D((1, 3), interpolation = bicubic)(h);
        let c = UpSampling2D((2, 1), interpolation = lanczos3)(h);
        Dense(2)(Concatenate()(Flatten()(a), Flatten()(b), Flatten()(c)))
    }
}

/// Positions between others, with fewer positions than count and more, and weights that differ.
pub(crate) fn interpolated(device: Device) {
    let n = 3;
    let mut numbers = Numbers(12);
    let (x, y) = (images::<4, 9, 2>(&mut numbers, n), numbers.rows::<2>(n));
    let model = Interpolated::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

fn images<const H: usize, const W: usize, const C: usize>(numbers: &mut Numbers, n: usize) -> Vec<[[[f32; C]; W]; H]> {
    (0..n).map(|_| std::array::from_fn(|_| numbers.rows::<C>(W).try_into().unwrap())).collect()
}
