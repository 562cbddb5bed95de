//! Each kind of layer under `mixed_float16`.

use keras::{model, sequential};

use crate::cases::cases;
use crate::layer_test;
use crate::layers::{LAYER, MISSING};
use crate::support::layer_test::keras_within;

/// How far from Keras's numbers ours may be where so many roundings differ, as for bfloat16. Half precision has 11 digits, so that a
/// rounding changes a number by 2⁻¹² of itself at the most.
fn roundings(n: usize) -> f64 {
    n as f64 / 4096.0
}

/// The golden case of a model.
macro_rules! keras_test {
    ($name:ident, $keras:ident, $roundings:expr, $model:expr) => {
        #[test]
        fn $keras() {
            keras_within($model, concat!("float16_", stringify!($name)), roundings($roundings));
        }
    };
}

/// The tests of a model so small that sums in f32 and in f64 are rounded to the same numbers for some data, and its golden case.
macro_rules! mixed_test {
    ($name:ident, $keras:ident, $roundings:expr, $model:expr) => {
        layer_test!($name, $model);
        keras_test!($name, $keras, $roundings, $model);
    };
}

cases!("mixed_float16", mixed_test, keras_test);
mixed_test!(
    masking,
    keras_masking,
    // The gradients of weights are sums over rows and steps.
    LAYER + 3 * 4,
    sequential!(
        #[dtype = "mixed_float16"]
        Input(4, 3),
        Masking(MISSING),
        SimpleRNN(2)
    )
);
keras_test!(
    multi_head_attention,
    keras_multi_head_attention,
    3 * LAYER,
    model!(#[dtype = mixed_float16] |x: [3, 4]| MultiHeadAttention(1, 2)(x, x))
);

// What has no golden case: the interpreter alone knows where roundings are.
layer_test!(
    both_formats,
    model!(|x: [2, 3]| {
        let h = Dense(3, dtype = "mixed_bfloat16")(x);
        let table = ReversibleEmbedding(5, 3, dtype = "mixed_float16");
        table(Dense(3, dtype = "mixed_float16")(h), reverse = true) + table(h, reverse = true)
    })
);
