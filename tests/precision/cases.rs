//! What layers are tested with under each policy.

/// Calls a macro with each model, whose golden case it is, and how many roundings there are from its input to its output or back; and another
/// one with those models that are larger.
macro_rules! cases {
    ($policy:tt, $test:ident, $larger:ident) => {
        $test!(dense, keras_dense, LAYER, sequential!(Input(7), Dense(5, dtype = $policy)));
        $test!(
            dense_softmax,
            keras_dense_softmax,
            LAYER,
            sequential!(Input(7), Dense(5, softmax, dtype = $policy))
        );
        $larger!(
            conv2d,
            keras_conv2d,
            LAYER + 2 * 4 * 3,
            sequential!(Input(4, 3, 2), Conv2D(2, 2, activation = tanh, padding = same, dtype = $policy))
        );
        $larger!(
            depthwise_conv2d,
            keras_depthwise_conv2d,
            LAYER,
            sequential!(Input(5, 4, 3), DepthwiseConv2D(3, depth_multiplier = 2, dtype = $policy))
        );
        $test!(
            lstm,
            keras_lstm,
            LAYER,
            sequential!(Input(4, 3), LSTM(4, return_sequences = true, dtype = $policy))
        );
        $test!(gru, keras_gru, LAYER, sequential!(Input(4, 3), GRU(4, dtype = $policy)));
        $test!(
            layer_normalization,
            keras_layer_normalization,
            LAYER,
            sequential!(Input(3, 6), LayerNormalization(dtype = $policy))
        );
        $test!(
            rms_normalization,
            keras_rms_normalization,
            LAYER,
            sequential!(Input(3, 6), RMSNormalization(dtype = $policy))
        );
        $test!(
            batch_normalization,
            keras_batch_normalization,
            LAYER,
            sequential!(Input(3, 2), BatchNormalization(dtype = $policy))
        );
        $test!(
            bidirectional,
            keras_bidirectional,
            LAYER,
            sequential!(Input(3, 2), Bidirectional(SimpleRNN(3), dtype = $policy))
        );
        $test!(
            average_pooling2d,
            keras_average_pooling2d,
            LAYER,
            sequential!(Input(4, 4, 2), AveragePooling2D(2, dtype = $policy))
        );
        $test!(
            embedding,
            keras_embedding,
            LAYER,
            sequential!(Input(5, dtype = u32), Embedding(300, 3, dtype = $policy))
        );
        $test!(
            reversible_embedding,
            keras_reversible_embedding,
            2 * LAYER,
            model!(
                #[dtype = $policy]
                |x: [2, 3], h: [2, 3]| {
                    let table = ReversibleEmbedding(9, 3);
                    (table(x, reverse = true), table(Dense(3)(h), reverse = true))
                }
            )
        );
        $larger!(
            chain,
            keras_chain,
            3 * LAYER,
            sequential!(
                #[dtype = $policy]
                Input(6),
                Dense(8, gelu),
                LayerNormalization,
                Dense(6, tanh),
                Dense(3, softmax, dtype = "float32")
            )
        );
        $test!(
            both,
            keras_both,
            LAYER,
            model!(
                #[dtype = $policy]
                |x: [5]| {
                    let h = Dense(4, tanh)(x);
                    h + Dense(4, dtype = float32)(h)
                }
            )
        );
    };
}
pub(crate) use cases;
