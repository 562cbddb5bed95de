use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 2, 3, 2)), Conv3DTranspose(2, 2)), ["conv3d_transpose"]);
layer_test!(
    same,
    sequential!(Input((2, 3, 2, 1)), Conv3DTranspose(2, (1, 2, 3), strides = (2, 1, 2), padding = same)),
    ["conv3d_transpose_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 2, 1, 2)), Conv3DTranspose(1, 2, 2, valid, channels_first, 1)),
    ["conv3d_transpose_first"]
);
