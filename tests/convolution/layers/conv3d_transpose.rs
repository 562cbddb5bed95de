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
layer_test!(
    dilated,
    sequential!(
        Input((3, 2, 3, 1)),
        Conv3DTranspose(2, 2, dilation_rate = (2, 1, 2), padding = same, activation = tanh, use_bias = false)
    ),
    ["conv3d_transpose_dilated"]
);
layer_test!(
    regularized,
    sequential!(
        Input((1, 2, 2, 2)),
        Conv3DTranspose(
            2,
            (1, 2, 2),
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["conv3d_transpose_regularized"]
);
