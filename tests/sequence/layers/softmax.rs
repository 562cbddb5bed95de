use keras::model;

use crate::layer_test;

const N: usize = 2;

layer_test!(mask, model!(|x: [5], m: [5]| Softmax()(x, mask = m)), ["softmax_mask"]);
layer_test!(axis1, model!(|x: [4, 3], m: [4, 3]| Softmax(1)(x, mask = m)), ["softmax_mask_axis1"]);
layer_test!(broadcast, model!(|x: [2, 4], m: [1, 4]| Softmax()(x, mask = m)), ["softmax_mask_broadcast"]);
layer_test!(axes, model!(|x: [N, 3], m: [2, 1]| Softmax(axis = [1, 2])(x, mask = m)), ["softmax_mask_axes"]);
layer_test!(between, model!(|x: [3], m: [4]| Dense(2)(Softmax()(Dense(4)(x), mask = m))));
