use keras::model;

use crate::layer_test;

layer_test!(last, model!(|a: [4], b: [2]| Concatenate()(a, b)), ["concatenate_last_rank2"]);
layer_test!(three, model!(|a: [4], b: [1], c: [3]| Concatenate()([a, b, c])), ["concatenate_last_rank2_3"]);
layer_test!(last_rank3, model!(|a: [3, 4], b: [3, 2]| Concatenate(axis = -1)(a, b)), ["concatenate_last_rank3"]);
layer_test!(axis1, model!(|a: [3, 4], b: [2, 4]| Concatenate(axis = 1)(a, b)), ["concatenate_axis1_rank3"]);
layer_test!(
    axis1_three,
    model!(|a: [1, 4], b: [2, 4], c: [3, 4]| Concatenate(axis = 1)(a, b, c)),
    ["concatenate_axis1_rank3_3"]
);
