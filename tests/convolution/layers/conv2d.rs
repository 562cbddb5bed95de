use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(default, sequential!(Input((4, 5, 2)), Conv2D(3, 2)), ["conv2d"]);
layer_test!(relu, sequential!(Input((5, 4, 1)), Conv2D(4, (3, 2), activation = relu)), ["conv2d_relu"]);
layer_test!(same, sequential!(Input((5, 4, 2)), Conv2D(3, 3, strides = (2, 1), padding = same)), ["conv2d_same"]);
layer_test!(
    stride_beyond,
    sequential!(Input((7, 5, 2)), Conv2D(3, (1, 2), strides = (3, 3), padding = valid)),
    ["conv2d_stride"]
);
layer_test!(
    dilated,
    sequential!(Input((5, 6, 2)), Conv2D(2, (2, 3), dilation_rate = (3, 2), padding = "same")),
    ["conv2d_dilated"]
);
layer_test!(groups, sequential!(Input((4, 4, 4)), Conv2D(6, 3, groups = 2, activation = sigmoid)), ["conv2d_groups"]);
layer_test!(
    first,
    sequential!(Input((2, 4, 5)), Conv2D(3, 2, data_format = channels_first, activation = softmax, use_bias = false)),
    ["conv2d_first"]
);
layer_test!(no_bias, sequential!(Input((3, 3, 2)), Conv2D(2, 2, use_bias = false)), ["conv2d_no_bias"]);
layer_test!(one, sequential!(Input((3, 2, 3)), Conv2D(4, 1)), ["conv2d_one"]);
layer_test!(
    regularized,
    sequential!(
        Input((3, 4, 2)),
        Conv2D(
            3,
            2,
            activation = tanh,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05),
            kernel_initializer = HeNormal,
            bias_initializer = Ones,
            kernel_constraint = MaxNorm(2),
            bias_constraint = NonNeg
        )
    ),
    ["conv2d_regularized"]
);
// Wider than any vector, with a remainder in every direction.
layer_test!(wide, sequential!(Input((2, 13, 3)), Conv2D(35, (2, 3), padding = same)), ["conv2d_wide"]);
layer_test!(
    const_size,
    sequential!(Input((N + 2, 4, N - 1)), Conv2D(N, N, strides = (N - 1, 1), padding = same)),
    ["conv2d_same"]
);
layer_test!(
    shared,
    model!(|x: [4, 4, 2]| {
        let c = Conv2D(2, 3, padding = same, activation = tanh);
        c(c(x))
    }),
    ["conv2d_shared"]
);
