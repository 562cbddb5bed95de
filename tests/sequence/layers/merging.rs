//! Merging layers whose inputs have masks. What is behind them works by the mask that they give.

use keras::model;

use crate::layer_test;

layer_test!(
    multiply,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Multiply()(Masking()(a), Masking()(b)))),
    ["masked_multiply"]
);
layer_test!(
    multiply_first,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Multiply()(Masking()(a), b))),
    ["masked_multiply_first"]
);
layer_test!(
    multiply_three,
    model!(|a: [4, 3], b: [4, 3], c: [4, 3]| SimpleRNN(2)(Multiply()(Masking()(a), b, Masking()(c)))),
    ["masked_multiply_three"]
);
layer_test!(
    multiply_plain,
    model!(|a: [4, 3], b: [4, 3]| Multiply()(Masking()(a), Masking()(b))),
    ["masked_multiply_plain"]
);
layer_test!(
    multiply_broadcast,
    model!(|a: [4, 3], b: [1, 3]| SimpleRNN(2)(Multiply()(Masking()(a), Masking()(b)))),
    ["masked_multiply_broadcast"]
);
layer_test!(
    maximum,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Maximum()(Masking()(a), Masking()(b)))),
    ["masked_maximum"]
);
layer_test!(
    maximum_first,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Maximum()(Masking()(a), b))),
    ["masked_maximum_first"]
);
layer_test!(
    maximum_second,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Maximum()(a, Masking()(b)))),
    ["masked_maximum_second"]
);
layer_test!(
    maximum_three,
    model!(|a: [4, 3], b: [4, 3], c: [4, 3]| SimpleRNN(2)(Maximum()(Masking()(a), Masking()(b), Masking()(c)))),
    ["masked_maximum_three"]
);
layer_test!(
    minimum_three,
    model!(|a: [4, 3], b: [4, 3], c: [4, 3]| SimpleRNN(2)(Minimum()(Masking()(a), b, Masking()(c)))),
    ["masked_minimum_three"]
);
layer_test!(
    minimum_plain,
    model!(|a: [4, 3], b: [4, 3]| Minimum()(Masking()(a), Masking()(b))),
    ["masked_minimum_plain"]
);
layer_test!(
    add_broadcast,
    model!(|a: [1, 3], b: [4, 3]| SimpleRNN(2)(Masking()(a) + Masking()(b))),
    ["masked_add_broadcast"]
);
layer_test!(
    average,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Average()(Masking()(a), Masking()(b)))),
    ["masked_average"]
);
layer_test!(
    concatenate,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Concatenate()(Masking()(a), Masking()(b)))),
    ["masked_concatenate"]
);
layer_test!(
    concatenate_first,
    model!(|a: [4, 3], b: [4, 3]| SimpleRNN(2)(Concatenate()(Masking()(a), b))),
    ["masked_concatenate_first"]
);
layer_test!(
    concatenate_steps,
    model!(|a: [4, 3], b: [2, 3]| SimpleRNN(2)(Concatenate(1)(Masking()(a), Masking()(b)))),
    ["masked_concatenate_steps"]
);
layer_test!(
    concatenate_steps_one,
    model!(|a: [2, 3], b: [3, 3], c: [1, 3]| SimpleRNN(2)(Concatenate(axis = 1)(a, Masking()(b), c))),
    ["masked_concatenate_steps_one"]
);

const N: usize = 4;

layer_test!(
    words,
    model!(|a: [u32; N], b: [u32; 4]| {
        let table = Embedding(6, 3, mask_zero = true);
        let x = table(a);
        let y = table(b);
        SimpleRNN(2)(Maximum()(Multiply()(x, y), y))
    })
);
