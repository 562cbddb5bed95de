use keras::sequential;

use crate::layer_test;

layer_test!(relu, sequential!(Input(4), Dense(3, activation = relu)), ["dense_relu"]);
layer_test!(relu_rank3, sequential!(Input((2, 4)), Dense(3, activation = relu)), ["dense_relu_rank3"]);
layer_test!(relu_wide, sequential!(Input(19), Dense(21, activation = relu)), ["dense_relu_wide"]);
layer_test!(softmax, sequential!(Input(4), Dense(3, activation = softmax)), ["dense_softmax"]);
layer_test!(softmax_rank3, sequential!(Input((2, 4)), Dense(3, activation = softmax)), ["dense_softmax_rank3"]);
layer_test!(softmax_wide, sequential!(Input(19), Dense(21, activation = softmax)), ["dense_softmax_wide"]);
layer_test!(sigmoid, sequential!(Input(4), Dense(3, activation = sigmoid)), ["dense_sigmoid"]);
layer_test!(sigmoid_rank3, sequential!(Input((2, 4)), Dense(3, activation = sigmoid)), ["dense_sigmoid_rank3"]);
layer_test!(sigmoid_wide, sequential!(Input(19), Dense(21, activation = sigmoid)), ["dense_sigmoid_wide"]);
layer_test!(tanh, sequential!(Input(4), Dense(3, activation = tanh)), ["dense_tanh"]);
layer_test!(tanh_rank3, sequential!(Input((2, 4)), Dense(3, activation = tanh)), ["dense_tanh_rank3"]);
layer_test!(tanh_wide, sequential!(Input(19), Dense(21, activation = tanh)), ["dense_tanh_wide"]);
layer_test!(gelu, sequential!(Input(4), Dense(3, activation = gelu)), ["dense_gelu"]);
layer_test!(gelu_rank3, sequential!(Input((2, 4)), Dense(3, activation = gelu)), ["dense_gelu_rank3"]);
layer_test!(gelu_wide, sequential!(Input(19), Dense(21, activation = gelu)), ["dense_gelu_wide"]);
layer_test!(linear, sequential!(Input(4), Dense(3, activation = linear)), ["dense_linear"]);
layer_test!(linear_rank3, sequential!(Input((2, 4)), Dense(3, activation = linear)), ["dense_linear_rank3"]);
layer_test!(linear_wide, sequential!(Input(19), Dense(21, activation = linear)), ["dense_linear_wide"]);
layer_test!(linear_one_unit, sequential!(Input(4), Dense(1)), ["dense_linear_one_unit"]);
layer_test!(sigmoid_one_unit, sequential!(Input(4), Dense(1, activation = sigmoid)), ["dense_sigmoid_one_unit"]);
layer_test!(linear_rank4, sequential!(Input((2, 3, 4)), Dense(3)), ["dense_linear_rank4"]);
layer_test!(
    linear_no_bias,
    sequential!(Input(4), Dense(3, activation = linear, use_bias = false)),
    ["dense_linear_no_bias"]
);
layer_test!(relu_no_bias, sequential!(Input(4), Dense(3, activation = relu, use_bias = false)), ["dense_relu_no_bias"]);
layer_test!(
    softmax_no_bias,
    sequential!(Input(4), Dense(3, activation = softmax, use_bias = false)),
    ["dense_softmax_no_bias"]
);
layer_test!(
    kernel_l1,
    sequential!(Input(4), Dense(3, activation = tanh, kernel_regularizer = L1(0.05))),
    ["dense_kernel_l1"]
);
layer_test!(
    bias_l1,
    sequential!(Input(4), Dense(3, activation = tanh, bias_regularizer = L1(0.05))),
    ["dense_bias_l1"]
);
layer_test!(
    activity_l1,
    sequential!(Input(4), Dense(3, activation = tanh, activity_regularizer = L1(0.05))),
    ["dense_activity_l1"]
);
layer_test!(
    relu_activity_l1,
    sequential!(Input(4), Dense(3, activation = relu, activity_regularizer = L1(0.05))),
    ["dense_relu_activity_l1"]
);
layer_test!(
    kernel_l2,
    sequential!(Input(4), Dense(3, activation = tanh, kernel_regularizer = L2(0.05))),
    ["dense_kernel_l2"]
);
layer_test!(
    bias_l2,
    sequential!(Input(4), Dense(3, activation = tanh, bias_regularizer = L2(0.05))),
    ["dense_bias_l2"]
);
layer_test!(
    activity_l2,
    sequential!(Input(4), Dense(3, activation = tanh, activity_regularizer = L2(0.05))),
    ["dense_activity_l2"]
);
layer_test!(
    relu_activity_l2,
    sequential!(Input(4), Dense(3, activation = relu, activity_regularizer = L2(0.05))),
    ["dense_relu_activity_l2"]
);
layer_test!(
    kernel_l1l2,
    sequential!(Input(4), Dense(3, activation = tanh, kernel_regularizer = L1L2(0.02, 0.03))),
    ["dense_kernel_l1l2"]
);
layer_test!(
    bias_l1l2,
    sequential!(Input(4), Dense(3, activation = tanh, bias_regularizer = L1L2(0.02, 0.03))),
    ["dense_bias_l1l2"]
);
layer_test!(
    activity_l1l2,
    sequential!(Input(4), Dense(3, activation = tanh, activity_regularizer = L1L2(0.02, 0.03))),
    ["dense_activity_l1l2"]
);
layer_test!(
    relu_activity_l1l2,
    sequential!(Input(4), Dense(3, activation = relu, activity_regularizer = L1L2(0.02, 0.03))),
    ["dense_relu_activity_l1l2"]
);
layer_test!(
    all_regularizers_rank3,
    sequential!(
        Input((2, 4)),
        Dense(3, kernel_regularizer = L2(0.1), bias_regularizer = L1(0.1), activity_regularizer = L2(0.1))
    ),
    ["dense_all_regularizers_rank3"]
);
layer_test!(lora_rank2, sequential!(Input(5), Dense(4, activation = tanh, lora_rank = 2)), ["dense_lora_rank2"]);
layer_test!(
    lora_rank2_alpha8_argument,
    sequential!(Input(5), Dense(4, activation = tanh, lora_rank = 2, lora_alpha = 8)),
    ["dense_lora_rank2_alpha8_argument"]
);

layer_test!(
    leaky_relu_0_1,
    sequential!(Input(4), Dense(3, activation = leaky_relu(negative_slope = 0.1))),
    ["dense_leaky_relu_0.1"]
);
layer_test!(elu_0_5, sequential!(Input(4), Dense(3, activation = elu(alpha = 0.5))), ["dense_elu_0.5"]);
layer_test!(selu, sequential!(Input(4), Dense(3, activation = selu)), ["dense_selu"]);
layer_test!(relu_max, sequential!(Input(4), Dense(3, activation = relu(max_value = 1.5))), ["dense_relu_max"]);
layer_test!(
    relu_all,
    sequential!(Input(4), Dense(3, activation = relu(0.25, max_value = 1.5, threshold = 0.5))),
    ["dense_relu_all"]
);
layer_test!(silu, sequential!(Input(4), Dense(3, activation = silu)), ["dense_silu"]);
layer_test!(softplus, sequential!(Input(4), Dense(3, activation = softplus)), ["dense_softplus"]);
layer_test!(hard_sigmoid, sequential!(Input(4), Dense(3, activation = hard_sigmoid)), ["dense_hard_sigmoid"]);
layer_test!(mish, sequential!(Input(4), Dense(3, activation = mish)), ["dense_mish"]);
layer_test!(log_softmax, sequential!(Input(3), Dense(4, log_softmax)), ["dense_log_softmax"]);
layer_test!(sparsemax, sequential!(Input(3), Dense(4, sparsemax)), ["dense_sparsemax"]);
layer_test!(glu, sequential!(Input(3), Dense(4, glu)), ["dense_glu"]);
