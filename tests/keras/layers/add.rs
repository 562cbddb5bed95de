use keras::model;

use crate::layer_test;

layer_test!(two, model!(|a: [4], b: [4]| Add()(a, b)), ["add_2_rank2"]);
layer_test!(two_rank3, model!(|a: [3, 4], b: [3, 4]| Add()([a, b])), ["add_2_rank3"]);
layer_test!(three, model!(|a: [4], b: [4], c: [4]| a + b + c), ["add_3_rank2"]);
layer_test!(three_rank3, model!(|a: [3, 4], b: [3, 4], c: [3, 4]| Add()(a, b, c)), ["add_3_rank3"]);
layer_test!(same_twice, model!(|x: [4]| x + x), ["add_same_tensor_twice"]);
layer_test!(broadcast, model!(|a: [3, 1], b: [4]| Add()(a, b)), ["add_broadcast"]);
layer_test!(broadcast_three, model!(|a: [2, 1, 3], b: [2, 1], c: [3]| Add()([a, b, c])), ["add_broadcast_3"]);
