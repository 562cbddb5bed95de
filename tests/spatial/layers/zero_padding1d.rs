use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((3, 2)), ZeroPadding1D), ["zero_padding1d"]);
layer_test!(pair, sequential!(Input((3, 2)), ZeroPadding1D(padding = (2, 0))), ["zero_padding1d_20"]);
layer_test!(const_size, sequential!(Input((3, N)), ZeroPadding1D((N, 0))), ["zero_padding1d_20"]);

layer_test!(first, sequential!(Input((2, 3)), ZeroPadding1D(data_format = channels_first)), ["zero_padding1d_first"]);
layer_test!(first_pair, sequential!(Input((N, 3)), ZeroPadding1D((2, 0), channels_first)), ["zero_padding1d_first_20"]);
