//! Graphs: shared layers, residual sums, several inputs and outputs.

use keras::model;

use crate::layer_test;

layer_test!(
    residual_shared_tanh,
    model!(|x: [6]| {
        let shared = Dense(6, tanh, name = "shared");
        let h = shared(shared(x));
        Dense(3, softmax, name = "head")(x + h)
    }),
    ["residual_shared_tanh"]
);
layer_test!(
    residual_shared_relu,
    model!(|x: [6]| {
        let shared = Dense(6, relu, name = "shared");
        let h = shared(shared(x));
        Dense(3, softmax, name = "head")(x + h)
    }),
    ["residual_shared_relu"]
);
layer_test!(
    two_towers,
    model!(|a: [5], b: [5]| {
        let shared = Dense(4, relu, name = "shared");
        let p = shared(a);
        let q = shared(b);
        let c = Concatenate()(p, q);
        (Dense(3, softmax, name = "first")(c), Dense(1, name = "second")(p + q))
    }),
    ["two_towers"]
);
layer_test!(
    output_within,
    model!(|x: [5]| {
        let h = Dense(4, sigmoid)(x);
        let y = Dense(4, gelu)(h);
        (h, Dropout(0.25)(y + h), y)
    })
);
layer_test!(
    input_is_output,
    model!(|x: [5]| {
        let h = Dropout(0.5)(x);
        (Reshape((5, 1))(h), x, Dense(5, softmax)(h) + x)
    })
);
layer_test!(
    shared_and_penalized,
    model!(|x: [5]| {
        let d = Dense(5, tanh, kernel_regularizer = L1L2(0.01, 0.02), activity_regularizer = "l2");
        d(d(d(x)))
    })
);
