//! Batch normalization with `renorm = true`. Its corrections count as constants, so that its gradients are not those of
//! differences, but where the corrections are constants.

use keras::{Boxed, Model, sequential};

use crate::layer_test;
use crate::support::fill::Fill;
use crate::support::layer_test::{allocates_nothing, generated, keras, survives_a_file};

fn check<M: Model<Input: Fill>>(model: Boxed<M>, name: &str) {
    generated(&model);
    allocates_nothing(&model);
    keras(model.clone(), name);
    survives_a_file(model, name);
}

#[test]
fn one() {
    let model = sequential!(Input(5), BatchNormalization(renorm = true, momentum = 0.75));
    check(model, "batch_renormalization");
}

#[test]
fn clipped() {
    const RMAX: f64 = 1.25;
    let model = sequential!(
        Input((3, 2)),
        BatchNormalization(
            renorm = true,
            renorm_clipping = (rmin = 0.8, rmax = RMAX, dmax = 0.3),
            renorm_momentum = 0.6
        )
    );
    check(model, "batch_renormalization_clipped");
}

#[test]
fn some_limits() {
    let model = sequential!(
        Input((2, 3, 4)),
        BatchNormalization(axis = 2, epsilon = 0.1, scale = false, renorm = true, renorm_clipping = (dmax = 0.2))
    );
    check(model, "batch_renormalization_some");
    let model = sequential!(
        Input(3),
        BatchNormalization(center = false, renorm = true, renorm_clipping = (rmax = 1.1,), synchronized = true)
    );
    check(model, "batch_renormalization_scale");
}

#[test]
fn plain() {
    let model = sequential!(Input((3, 2)), BatchNormalization(center = false, scale = false, renorm = true));
    check(model, "batch_renormalization_plain");
}

#[test]
fn frozen() {
    let model = sequential!(Input((3, 2)), BatchNormalization(renorm = true, trainable = false));
    check(model, "batch_renormalization_frozen");
}

#[test]
fn masked() {
    let model = sequential!(Input((4, 3)), Masking, BatchNormalization(renorm = true, momentum = 0.5));
    check(model, "batch_renormalization_masked");
}

// Without room for corrections nothing is corrected.
layer_test!(
    no_room,
    sequential!(
        Input((3, 2)),
        Dense(3, tanh),
        BatchNormalization(renorm = true, renorm_clipping = (rmin = 1, rmax = 1, dmax = 0)),
        Dense(2)
    )
);

/// A deviation begins as the root of the variance.
#[test]
fn first_state() {
    let model = sequential!(
        Input(3),
        BatchNormalization(
            renorm = true,
            moving_mean_initializer = Constant(0.5),
            moving_variance_initializer = Constant(4.0)
        )
    );
    let layer = &model.batch_normalization;
    assert_eq!((layer.moving_mean, layer.moving_variance, layer.moving_stddev), ([0.5; 3], [4.0; 3], [2.0; 3]));
    assert_eq!((layer.renorm_mean, layer.renorm_stddev), ([0.5; 3], [2.0; 3]));
}
