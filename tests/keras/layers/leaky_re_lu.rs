use keras::sequential;

use crate::layer_test;

layer_test!(plain, sequential!(Input((2, 3)), LeakyReLU), ["leaky_re_lu"]);
layer_test!(slope, sequential!(Input((2, 3)), LeakyReLU(negative_slope = 0.1)), ["leaky_re_lu_0.1"]);
layer_test!(none, sequential!(Input((2, 3)), LeakyReLU(0.0)), ["re_lu"]);
layer_test!(fused, sequential!(Input(3), Dense(4), LeakyReLU, Dense(2)));
layer_test!(steep, sequential!(Input((2, 3)), LeakyReLU(1.5)), ["leaky_re_lu_steep"]);
