use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((3, 2)), ZeroPadding1D), ["zero_padding1d"]);
layer_test!(pair, sequential!(Input((3, 2)), ZeroPadding1D(padding = (2, 0))), ["zero_padding1d_20"]);
layer_test!(const_size, sequential!(Input((3, N)), ZeroPadding1D((N, 0))), ["zero_padding1d_20"]);
