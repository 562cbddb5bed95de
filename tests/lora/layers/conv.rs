use keras::{model, sequential};

use crate::layer_test;

const N: usize = 2;

layer_test!(
    one,
    sequential!(Input((6, 2)), Conv1D(3, 3, padding = causal, dilation_rate = 2, lora_rank = 2)),
    ["conv1d_lora"]
);
layer_test!(
    one_groups,
    sequential!(
        Input((4, 7)),
        Conv1D(
            6,
            2,
            2,
            "same",
            "channels_first",
            groups = N,
            lora_rank = N + 1,
            lora_alpha = 2,
            kernel_regularizer = L2(0.1)
        )
    ),
    ["conv1d_lora_alpha"]
);
layer_test!(
    two,
    sequential!(Input((4, 5, N)), Conv2D(3, (2, 3), activation = tanh, lora_rank = N, lora_alpha = 1)),
    ["conv2d_lora"]
);
layer_test!(
    two_groups,
    sequential!(
        Input((4, 5, 4)),
        Conv2D(6, 3, (2, 1), "same", groups = 2, use_bias = false, lora_rank = 2, lora_alpha = 3)
    ),
    ["conv2d_lora_groups"]
);
layer_test!(points, sequential!(Input((2, 3, 4)), Conv2D(5, 1, lora_rank = 2, lora_alpha = 1)), ["conv2d_lora_one"]);
layer_test!(three, sequential!(Input((3, 2, 4, 2)), Conv3D(2, (2, 1, 3), lora_rank = 1)), ["conv3d_lora"]);
layer_test!(
    three_groups,
    sequential!(Input((3, 2, 4, 4)), Conv3D(4, 2, 1, "same", groups = 2, lora_rank = 2, lora_alpha = 3)),
    ["conv3d_lora_groups"]
);
layer_test!(
    twice,
    model!(|x: [4, 3]| {
        let mix = Conv1D(3, 2, padding = same, groups = 3, lora_rank = 2);
        mix(mix(x)) + x
    })
);
