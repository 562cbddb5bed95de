//! Scaled losses on the reference device, beside the same on the processor.

use keras::__private::Block;
use keras::device::Device;
use keras::optimizers::LossScaleOptimizer;
use keras::optimizers::schedule::ExponentialDecay;
use keras::prelude::*;

use crate::late::Late;
use crate::models::Numbers;
use crate::training::{assert_close, assert_history};

sequential! {
    struct Net<
        Input(12),
        Dense(16, tanh, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(1.0)),
        BatchNormalization(momentum = 0.8),
        Dense(5, softmax, activity_regularizer = L2(0.1), bias_constraint = NonNeg),
    >;
}

/// What a training comes to: its losses, what is counted, the scale, the weights.
type Come = (keras::History, u64, (f32, u64), Vec<f32>);

/// Trains for some epochs, and some batches more.
fn train(optimizer: Box<dyn Optimizer>, device: Option<Device>) -> Come {
    let (x, y) = (Numbers(7).rows::<12>(60), Numbers(9).classes(60, 5));
    let loss = SparseCategoricalCrossentropy::default();
    let model = Net::seeded(3).compile(optimizer, loss, ()).unwrap().seed(5).loss_weights(&[64.0]);
    let mut model = model.steps_per_execution(4);
    if let Some(device) = device {
        model = model.on(device).unwrap();
    }
    let history = model.fit(&x, &y, Fit::epochs(3).batch_size(8).validation_split(0.2).verbose(0)).unwrap();
    for rows in [7, 12] {
        model.train_on_batch(&x[..rows], &y[..rows]).unwrap();
    }
    let scale = model.loss_scale().unwrap();
    let scale = (scale.scale(), scale.step_counter());
    (history, model.iterations(), scale, model.as_slice().to_vec())
}

fn alike(optimizer: impl Fn() -> Box<dyn Optimizer>) -> Come {
    let (host, device) = (train(optimizer(), None), train(optimizer(), Some(Device::reference())));
    assert_eq!((device.1, device.2), (host.1, host.2));
    assert_close("weights", &host.3, &device.3);
    assert_history(&host.0, &device.0, &["loss", "val_loss"]);
    // Executions in pieces, on a device that does things as late as it may.
    let (_, made, scale, weights) = train(optimizer(), Some(Late::device(None).0.data_limit(4000)));
    assert!((made, scale, &weights) == (device.1, device.2, &device.3));
    device
}

/// The largest scales make gradients infinite, in f32 too: these steps are left out, and neither counted nor decayed by.
#[test]
fn the_same_steps_are_left_out() {
    let inner = || Adam::new(ExponentialDecay::new(0.01, 2, 0.5)).weight_decay(0.01).global_clipnorm(0.5);
    let scaled = |inner: Adam| LossScaleOptimizer::new(inner).initial_scale(2f32.powi(126)).dynamic_growth_steps(2);
    let (_, made, ..) = alike(|| Box::new(scaled(inner())));
    assert!(2 < made && made < 18, "{made} of 20 steps are made");
    alike(|| Box::new(scaled(inner().use_ema(true).gradient_accumulation_steps(2))));
    let sgd = || Sgd::new(0.01).momentum(0.9).use_ema(true).ema_overwrite_frequency(3);
    alike(|| Box::new(LossScaleOptimizer::new(sgd()).initial_scale(2f32.powi(127)).dynamic_growth_steps(1)));
}

/// Nothing is made of steps that are all left out.
#[test]
fn a_training_without_a_step() {
    let (x, y) = (Numbers(7).rows::<12>(16), Numbers(9).classes(16, 5));
    let train = |device: Option<Device>| {
        let optimizer = LossScaleOptimizer::new(Adam::new(ExponentialDecay::new(0.1, 1, 0.5)).use_ema(true));
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Net::seeded(3).compile(optimizer.initial_scale(f32::MAX), loss, ()).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let mut model = model.loss_weights(&[1e10]);
        let kernel = model.dense.kernel;
        model.fit(&x, &y, Fit::epochs(2).batch_size(8).verbose(0)).unwrap();
        assert_eq!((model.iterations(), model.dense.kernel), (0, kernel));
        (model.loss_scale().cloned(), model.optimizer().learning_rate(), model.batch_normalization.moving_mean)
    };
    let (host, device) = (train(None), train(Some(Device::reference())));
    assert_eq!((device.0, device.1), (host.0, host.1));
    assert_close("means", &host.2, &device.2);
}

/// A factor that stays, and no power of two.
#[test]
fn losses_times_a_factor() {
    let (_, made, ..) = alike(|| Box::new(Sgd::new(0.01).momentum(0.9).loss_scale_factor(1000.0)));
    assert_eq!(made, 20);
}
