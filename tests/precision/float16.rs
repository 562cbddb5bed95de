//! Each kind of layer under `mixed_float16`.

use keras::{model, sequential};

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

mixed_test!(dense, keras_dense, LAYER, sequential!(Input(7), Dense(5, dtype = "mixed_float16")));
mixed_test!(
    dense_softmax,
    keras_dense_softmax,
    LAYER,
    sequential!(Input(7), Dense(5, softmax, dtype = "mixed_float16"))
);
keras_test!(
    conv2d,
    keras_conv2d,
    LAYER + 2 * 4 * 3,
    sequential!(Input(4, 3, 2), Conv2D(2, 2, activation = tanh, padding = same, dtype = "mixed_float16"))
);
keras_test!(
    depthwise_conv2d,
    keras_depthwise_conv2d,
    LAYER,
    sequential!(Input(5, 4, 3), DepthwiseConv2D(3, depth_multiplier = 2, dtype = "mixed_float16"))
);
mixed_test!(
    lstm,
    keras_lstm,
    LAYER,
    sequential!(Input(4, 3), LSTM(4, return_sequences = true, dtype = "mixed_float16"))
);
mixed_test!(gru, keras_gru, LAYER, sequential!(Input(4, 3), GRU(4, dtype = "mixed_float16")));
mixed_test!(
    layer_normalization,
    keras_layer_normalization,
    LAYER,
    sequential!(Input(3, 6), LayerNormalization(dtype = "mixed_float16"))
);
mixed_test!(
    rms_normalization,
    keras_rms_normalization,
    LAYER,
    sequential!(Input(3, 6), RMSNormalization(dtype = "mixed_float16"))
);
mixed_test!(
    batch_normalization,
    keras_batch_normalization,
    LAYER,
    sequential!(Input(3, 2), BatchNormalization(dtype = "mixed_float16"))
);
mixed_test!(
    bidirectional,
    keras_bidirectional,
    LAYER,
    sequential!(Input(3, 2), Bidirectional(SimpleRNN(3), dtype = "mixed_float16"))
);
mixed_test!(
    average_pooling2d,
    keras_average_pooling2d,
    LAYER,
    sequential!(Input(4, 4, 2), AveragePooling2D(2, dtype = "mixed_float16"))
);
mixed_test!(
    embedding,
    keras_embedding,
    LAYER,
    sequential!(Input(5, dtype = u32), Embedding(300, 3, dtype = "mixed_float16"))
);
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
mixed_test!(
    reversible_embedding,
    keras_reversible_embedding,
    2 * LAYER,
    model!(
        #[dtype = "mixed_float16"]
        |x: [2, 3], h: [2, 3]| {
            let table = ReversibleEmbedding(9, 3);
            (table(x, reverse = true), table(Dense(3)(h), reverse = true))
        }
    )
);
keras_test!(
    chain,
    keras_chain,
    3 * LAYER,
    sequential!(
        #[dtype = "mixed_float16"]
        Input(6),
        Dense(8, gelu),
        LayerNormalization,
        Dense(6, tanh),
        Dense(3, softmax, dtype = "float32")
    )
);
mixed_test!(
    both,
    keras_both,
    LAYER,
    model!(
        #[dtype = "mixed_float16"]
        |x: [5]| {
            let h = Dense(4, tanh)(x);
            h + Dense(4, dtype = float32)(h)
        }
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
