use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 3, 2)), ZeroPadding2D), ["zero_padding2d"]);
layer_test!(two, sequential!(Input((2, 3, 1)), ZeroPadding2D((1, 2))), ["zero_padding2d_12"]);
layer_test!(pairs, sequential!(Input((2, 2, 2)), ZeroPadding2D(((1, 0), (0, 2)))), ["zero_padding2d_pairs"]);

layer_test!(
    first,
    sequential!(Input((2, 2, 3)), ZeroPadding2D(data_format = channels_first)),
    ["zero_padding2d_first"]
);
layer_test!(
    first_pairs,
    sequential!(Input((2, 2, 2)), ZeroPadding2D(((1, 0), (0, 2)), channels_first)),
    ["zero_padding2d_first_pairs"]
);
