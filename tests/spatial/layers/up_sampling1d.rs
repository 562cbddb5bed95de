use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((3, 2)), UpSampling1D), ["up_sampling1d"]);
layer_test!(three, sequential!(Input((2, 2)), UpSampling1D(size = 3)), ["up_sampling1d_3"]);
layer_test!(const_size, sequential!(Input((N, N)), UpSampling1D(N + 1)), ["up_sampling1d_3"]);
layer_test!(once, sequential!(Input((3, 4)), UpSampling1D(1)), ["up_sampling1d_1"]);
layer_test!(five, sequential!(Input((1, 3)), UpSampling1D(size = 5)), ["up_sampling1d_5"]);
