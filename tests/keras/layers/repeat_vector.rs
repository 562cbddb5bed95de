use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(three, sequential!(Input(4), RepeatVector(3)), ["repeat_vector"]);
layer_test!(const_size, sequential!(Input(2 * N), RepeatVector(n = N + 1)), ["repeat_vector"]);
layer_test!(between, sequential!(Input(3), Dense(4), RepeatVector(2), Dense(2)));
layer_test!(once, sequential!(Input(5), RepeatVector(1)), ["repeat_vector_1"]);
layer_test!(often, sequential!(Input(2), RepeatVector(n = 7)), ["repeat_vector_7"]);
