use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(last, sequential!(Input(5), Softmax), ["softmax_layer"]);
layer_test!(axis1, sequential!(Input((3, 4)), Softmax(axis = 1)), ["softmax_layer_axis1"]);
layer_test!(axes, sequential!(Input((2, 3, 2)), Softmax(axis = (1, 3))), ["softmax_layer_axes"]);
layer_test!(last_two, sequential!(Input((2, 3, 2)), Softmax(axis = (-2, -1))), ["softmax_layer_last_two"]);
layer_test!(whole, sequential!(Input((2, 3)), Softmax(axis = [1, 2])), ["softmax_layer_whole"]);
layer_test!(const_size, sequential!(Input((N, 3, N)), Softmax((1, 3))), ["softmax_layer_axes"]);
layer_test!(between, sequential!(Input((2, 3)), Dense(4, use_bias = false), Softmax(1), Dense(2)));
