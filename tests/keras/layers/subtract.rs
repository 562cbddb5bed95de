use keras::model;

use crate::layer_test;

layer_test!(two, model!(|a: [4], b: [4]| Subtract()(a, b)), ["subtract_2"]);
layer_test!(broadcast, model!(|a: [3, 1], b: [4]| Subtract()(a, b)), ["subtract_broadcast"]);
layer_test!(twice, model!(|a: [4], b: [4]| Subtract()(Dense(3)(a), Dense(3, tanh)(b))));
layer_test!(rank3, model!(|a: [3, 4], b: [3, 4]| Subtract()(a, b)), ["subtract_rank3"]);
