//! Layers of one's own with a body for CUDA.

#[path = "own/layers.rs"]
mod layers;
#[path = "own/standardize.rs"]
mod standardize;

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;
use layers::{Drop, Linear, Powers, Walk};
use standardize::Standardize;

sequential! { struct Inner< Input(5), self::Standardize::new(0.75), self::Linear::<5>::new() >; }

model! {
    pub(crate) struct Own(x: [6]) {
        let linear = self::Linear::<5>::new();
        let inner = self::Inner;
        let frozen = self::Inner(trainable = false);
        let follows = self::Standardize::new(0.5);
        let h = linear(self::Walk::new()(x));
        let h = follows(inner(self::Drop(0.4)(h)) + follows(inner(h)));
        let each = TimeDistributed(self::Linear::<4>::new())(self::Powers(0.3, output_shape = [2, 5])(frozen(h)));
        Dense(2)(Flatten()(each)) + Dense(2)(Flatten()(self::Powers(-0.5)(h)))
    }
}

/// Weights of all ranks, state of shared layers and of models, samples of several dimensions, steps, random numbers.
pub(crate) fn own(device: Device) {
    let mut numbers = Numbers(17);
    let (x, y) = (numbers.rows::<6>(9), numbers.rows::<2>(9));
    let model = Own::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(4).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(5).shuffle(false).verbose(0)).unwrap();
    model.set_trainable("inner", false).unwrap();
    model.train_on_batch(&x, &y).unwrap();
    model.test_on_batch(&x, &y).unwrap();
}
