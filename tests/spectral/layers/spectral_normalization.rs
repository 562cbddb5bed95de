//! The vectors of the power iteration count as constants, so that gradients are not those of differences, but where the
//! iteration has come to its end.

use keras::{Boxed, Model, model, sequential};

use crate::layer_test;
use crate::support::fill::Fill;
use crate::support::layer_test::{allocates_nothing, generated, keras, survives_a_file};

fn check<M: Model<Input: Fill>>(model: Boxed<M>, name: &str) {
    generated(&model);
    allocates_nothing(&model);
    keras(model.clone(), name);
    keras(model.clone(), &format!("{name}_inference"));
    survives_a_file(model, name);
}

const N: usize = 2;

layer_test!(converged, sequential!(Input(4), SpectralNormalization(Dense(3, tanh), power_iterations = 200)));

#[test]
fn dense() {
    check(sequential!(Input(2 * N), SpectralNormalization(Dense(N + 1))), "spectral_dense");
    let dense = sequential!(
        Input((2, 5)),
        SpectralNormalization(Dense(4, activation = tanh, use_bias = false), power_iterations = 3)
    );
    check(dense, "spectral_dense_act");
    check(sequential!(Input(4), SpectralNormalization(Dense(3, tanh))), "spectral_zero");
}

#[test]
fn conv() {
    check(sequential!(Input((5, 2)), SpectralNormalization(Conv1D(3, 2, padding = causal), N)), "spectral_conv1d");
    let conv = sequential!(
        Input((4, 5, 4)),
        SpectralNormalization(Conv2D(6, 3, 2, "same", groups = 2, activation = sigmoid, bias_regularizer = L2(0.01)))
    );
    check(conv, "spectral_conv2d");
    let conv = sequential!(Input((2, 3, 2, 2)), SpectralNormalization(Conv3D(2, (1, 2, 2)), power_iterations = 2));
    check(conv, "spectral_conv3d");
}

#[test]
fn embedding() {
    check(model!(|x: [u32; 4]| SpectralNormalization(Embedding(6, 3))(x)), "spectral_embedding");
    let masked = model!(|x: [u32; 4]| SimpleRNN(2)(SpectralNormalization(Embedding(6, 3, mask_zero = true), N)(x)));
    check(masked, "spectral_embedding_masked");
}
