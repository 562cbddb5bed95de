//! Learnt slopes, random layers, products of matrices in samples and in groups, sparsemax, spectral normalization, and
//! ternary kernels.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

/// Trains a model from rows of 6 to rows of 2.
macro_rules! train {
    ($model:ident, $rows:literal, $device:ident) => {
        let mut numbers = Numbers(13);
        let (x, y) = (numbers.rows::<6>($rows), numbers.rows::<2>($rows));
        let model = $model::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
        let mut model = model.seed(4).on($device).unwrap();
        model.fit(&x, &y, Fit::epochs(2).batch_size($rows).shuffle(false).verbose(0)).unwrap();
        model.test_on_batch(&x, &y).unwrap();
    };
}

model! {
    struct Slopes(x: [6]) {
        let h = Reshape((2, 3, 35))(Dense(210)(x));
        let each = PReLU()(Dense(7)(x));
        let features = PReLU(shared_axes = [1, 2])(h);
        let lines = PReLU(shared_axes = [1, 3])(h);
        Dense(2)(Concatenate()(each, Flatten()(features), Flatten()(lines)))
    }
}

/// Slopes of their own for each element, for features, and for one dimension between others; so many rows that gradients are sums
/// in parts.
pub(crate) fn slopes(device: Device) {
    train!(Slopes, 100, device);
}

model! {
    struct Drawn(x: [6]) {
        let h = Reshape((5, 7))(Dense(35)(x));
        let noise = GaussianDropout(0.3)(GaussianNoise(0.2)(h));
        let features = SpatialDropout1D(0.4)(h);
        let steps = AlphaDropout(0.3, noise_shape = (None, 5, 1), seed = 8)(h);
        let all = Dropout(0.5, noise_shape = (1, 5, 7))(noise + features);
        Dense(2)(Flatten()(all + AlphaDropout(0.25)(GaussianDropout(0.2)(steps))))
    }
}

/// Noise, and dropout by masks of other shapes.
pub(crate) fn drawn(device: Device) {
    train!(Drawn, 9, device);
}

model! {
    struct Multiplied(x: [6]) {
        let h = Reshape((3, 4))(Dense(12)(x));
        let scores = Dot((2, 2))(h, Dense(4, tanh)(h));
        let vectors = Dot((2, 1))(Reshape((66, 4))(Dense(264)(x)), Reshape((4, 65))(Dense(260)(x)));
        Dense(2)(Concatenate()(Flatten()(scores), Flatten()(vectors)))
    }
}

/// Products of two matrices in each sample, some longer than a tile.
pub(crate) fn multiplied(device: Device) {
    train!(Multiplied, 7, device);
}

model! {
    struct Grouped(x: [6]) {
        let h = Reshape((3, 4))(Dense(12)(x));
        let own = EinsumDense("abc,bcd->abd", (3, 5))(h);
        let other = EinsumDense("abc,bdc->abd", (3, 6))(h);
        let columns = EinsumDense("abc,dc->abd", (3, 7))(h);
        Dense(2)(Concatenate()(Flatten()(own), Flatten()(other), Flatten()(columns)))
    }
}

/// Products with kernels of groups, as they lie and transposed, over so many rows that gradients are sums in parts.
pub(crate) fn grouped(device: Device) {
    train!(Grouped, 520, device);
}

model! {
    struct Sparse(x: [6]) {
        let h = Dense(35)(x);
        Dense(2)(Activation(sparsemax)(h) + h)
    }
}

/// The probabilities nearest to rows a little longer than a warp.
pub(crate) fn sparse(device: Device) {
    train!(Sparse, 9, device);
}

model! {
    struct Spectral(x: [6]) {
        let h = SpectralNormalization(Dense(6, tanh), power_iterations = 2)(x);
        let zero = SpectralNormalization(Dense(3, kernel_initializer = zeros))(h);
        let long = SpectralNormalization(Dense(35, tanh))(Dense(601, relu)(h));
        Dense(2)(Concatenate()(h + SpectralNormalization(Dense(6, use_bias = false))(h), zero, long))
    }
}

/// Kernels over their largest singular value, one of which begins as 0, and one of so many rows that sums over them are taken in parts.
pub(crate) fn spectral(device: Device) {
    train!(Spectral, 300, device);
}

model! {
    struct Ternary(x: [6]) {
        let h = TernaryDense(250, activation = tanh)(TernaryDense(70)(x));
        let given = TernaryDense(7, 0.1)(h);
        let zero = TernaryDense(3, kernel_initializer = zeros)(h);
        Dense(2)(Concatenate()(given, zero, h))
    }
}

/// Kernels of signs, by a threshold and by their means, one of which begins as 0.
pub(crate) fn ternary(device: Device) {
    train!(Ternary, 300, device);
}
