use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 3, 4, 2)), Conv3D(2, 2)), ["conv3d"]);
layer_test!(
    same,
    sequential!(Input((3, 2, 3, 1)), Conv3D(2, (2, 3, 2), strides = (2, 1, 2), padding = same)),
    ["conv3d_same"]
);
layer_test!(
    dilated,
    sequential!(Input((4, 3, 3, 2)), Conv3D(2, (2, 1, 2), dilation_rate = (2, 1, 2), groups = 2, activation = relu)),
    ["conv3d_dilated"]
);
layer_test!(
    first,
    sequential!(Input((2, 2, 3, 3)), Conv3D(2, 2, data_format = channels_first, padding = same)),
    ["conv3d_first"]
);
layer_test!(
    regularized,
    sequential!(
        Input((2, 3, 2, 2)),
        Conv3D(
            2,
            (1, 2, 2),
            activation = tanh,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["conv3d_regularized"]
);
layer_test!(
    no_bias,
    sequential!(Input((3, 2, 2, 1)), Conv3D(3, 2, padding = same, use_bias = false)),
    ["conv3d_no_bias"]
);
