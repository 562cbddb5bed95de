use keras::model;

use crate::layer_test;

const N: usize = 3;

layer_test!(vectors, model!(|a: [4], b: [4]| Dot(axes = 1)(a, b)), ["dot"]);
layer_test!(cosine, model!(|a: [4], b: [4]| Dot(-1, normalize = true)(a, b)), ["dot_cosine"]);
layer_test!(matrices, model!(|a: [2, 3], b: [3, 4]| Dot((2, 1))([a, b])), ["dot_21"]);
layer_test!(first, model!(|a: [3, 2], b: [3, 4]| Dot(axes = 1)(a, b)), ["dot_1"]);
layer_test!(last, model!(|a: [2, 4], b: [3, 4]| Dot(-1, true)(a, b)), ["dot_last_cosine"]);
layer_test!(ranks, model!(|a: [2, 3, 2], b: [3]| Dot((2, 1))(a, b)), ["dot_ranks"]);
layer_test!(const_size, model!(|a: [N - 1, N], b: [N, 4]| Dot((2, 1))(a, b)), ["dot_21"]);
layer_test!(itself, model!(|a: [5]| { let h = Dense(33)(a); Dot(1)(h, h) }));
layer_test!(wide, model!(|a: [2, 3], b: [3]| Dot((2, 1))(Dense(40)(a), Dense(40)(b))));
