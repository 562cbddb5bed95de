use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((1, 2, 2, 2)), ZeroPadding3D), ["zero_padding3d"]);
layer_test!(pairs, sequential!(Input((2, 1, 2, 1)), ZeroPadding3D(((0, 1), (2, 0), (1, 1)))), ["zero_padding3d_pairs"]);

layer_test!(
    first,
    sequential!(Input((2, 1, 2, 2)), ZeroPadding3D(data_format = channels_first)),
    ["zero_padding3d_first"]
);
layer_test!(
    first_pairs,
    sequential!(Input((2, 2, 1, 2)), ZeroPadding3D(((0, 1), (2, 0), (1, 1)), channels_first)),
    ["zero_padding3d_first_pairs"]
);
