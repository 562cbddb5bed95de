use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((4, 2)), Cropping1D), ["cropping1d"]);
layer_test!(both, sequential!(Input((6, 2)), Cropping1D(2)), ["cropping1d_2"]);
layer_test!(pair, sequential!(Input((4, 2)), Cropping1D(cropping = (0, 2))), ["cropping1d_02"]);
layer_test!(const_size, sequential!(Input((2 * N, N)), Cropping1D((0, N))), ["cropping1d_02"]);
