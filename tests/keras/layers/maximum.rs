use keras::model;

use crate::layer_test;

layer_test!(two, model!(|a: [4], b: [4]| Maximum()(a, b)), ["maximum_2"]);
layer_test!(three, model!(|a: [3, 4], b: [3, 4], c: [3, 4]| Maximum()([a, b, c])), ["maximum_3_rank3"]);
layer_test!(broadcast, model!(|a: [3, 1], b: [4]| Maximum()(a, b)), ["maximum_broadcast"]);
layer_test!(twice, model!(|a: [4], b: [4]| Maximum()(Dense(3)(a), Dense(3, tanh)(b))));
