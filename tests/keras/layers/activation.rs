use keras::sequential;

use crate::layer_test;

layer_test!(relu, sequential!(Input(4), Activation(relu)), ["activation_relu"]);
layer_test!(relu_rank3, sequential!(Input((3, 4)), Activation(relu)), ["activation_relu_rank3"]);
layer_test!(relu_wide, sequential!(Input(37), Activation(relu)), ["activation_relu_wide"]);
layer_test!(softmax, sequential!(Input(4), Activation(softmax)), ["activation_softmax"]);
layer_test!(softmax_rank3, sequential!(Input((3, 4)), Activation(softmax)), ["activation_softmax_rank3"]);
layer_test!(softmax_wide, sequential!(Input(37), Activation(softmax)), ["activation_softmax_wide"]);
layer_test!(sigmoid, sequential!(Input(4), Activation(sigmoid)), ["activation_sigmoid"]);
layer_test!(sigmoid_rank3, sequential!(Input((3, 4)), Activation(sigmoid)), ["activation_sigmoid_rank3"]);
layer_test!(sigmoid_wide, sequential!(Input(37), Activation(sigmoid)), ["activation_sigmoid_wide"]);
layer_test!(tanh, sequential!(Input(4), Activation(tanh)), ["activation_tanh"]);
layer_test!(tanh_rank3, sequential!(Input((3, 4)), Activation(tanh)), ["activation_tanh_rank3"]);
layer_test!(tanh_wide, sequential!(Input(37), Activation(tanh)), ["activation_tanh_wide"]);
layer_test!(gelu, sequential!(Input(4), Activation(gelu)), ["activation_gelu"]);
layer_test!(gelu_rank3, sequential!(Input((3, 4)), Activation(gelu)), ["activation_gelu_rank3"]);
layer_test!(gelu_wide, sequential!(Input(37), Activation(gelu)), ["activation_gelu_wide"]);
layer_test!(linear, sequential!(Input(4), Activation(linear)), ["activation_linear"]);
layer_test!(linear_rank3, sequential!(Input((3, 4)), Activation(linear)), ["activation_linear_rank3"]);
layer_test!(linear_wide, sequential!(Input(37), Activation(linear)), ["activation_linear_wide"]);

layer_test!(relu6, sequential!(Input(6), Activation(relu6)), ["activation_relu6"]);
layer_test!(leaky_relu, sequential!(Input(6), Activation(leaky_relu)), ["activation_leaky_relu"]);
layer_test!(
    leaky_relu_0_1,
    sequential!(Input(6), Activation(leaky_relu(negative_slope = 0.1))),
    ["activation_leaky_relu_0.1"]
);
layer_test!(
    relu_slope_negative,
    sequential!(Input(6), Activation(relu(negative_slope = -0.5))),
    ["activation_relu_slope_negative"]
);
layer_test!(relu_max, sequential!(Input(6), Activation(relu(max_value = 1.5))), ["activation_relu_max"]);
layer_test!(relu_threshold, sequential!(Input(6), Activation(relu(threshold = 0.5))), ["activation_relu_threshold"]);
layer_test!(
    relu_all,
    sequential!(Input(6), Activation(relu(0.25, max_value = 1.5, threshold = 0.5))),
    ["activation_relu_all"]
);
layer_test!(elu, sequential!(Input(6), Activation(elu)), ["activation_elu"]);
layer_test!(elu_0_5, sequential!(Input(6), Activation(elu(alpha = 0.5))), ["activation_elu_0.5"]);
layer_test!(celu, sequential!(Input(6), Activation(celu)), ["activation_celu"]);
layer_test!(celu_2, sequential!(Input(6), Activation(celu(2.0))), ["activation_celu_2"]);
layer_test!(selu, sequential!(Input(6), Activation(selu)), ["activation_selu"]);
layer_test!(
    gelu_approximate,
    sequential!(Input(6), Activation(gelu(approximate = true))),
    ["activation_gelu_approximate"]
);
layer_test!(silu, sequential!(Input(6), Activation(silu)), ["activation_silu"]);
layer_test!(hard_silu, sequential!(Input(6), Activation(hard_silu)), ["activation_hard_silu"]);
layer_test!(hard_sigmoid, sequential!(Input(6), Activation(hard_sigmoid)), ["activation_hard_sigmoid"]);
layer_test!(log_sigmoid, sequential!(Input(6), Activation(log_sigmoid)), ["activation_log_sigmoid"]);
layer_test!(hard_tanh, sequential!(Input(6), Activation(hard_tanh)), ["activation_hard_tanh"]);
layer_test!(tanh_shrink, sequential!(Input(6), Activation(tanh_shrink)), ["activation_tanh_shrink"]);
layer_test!(hard_shrink, sequential!(Input(6), Activation(hard_shrink)), ["activation_hard_shrink"]);
layer_test!(
    hard_shrink_1,
    sequential!(Input(6), Activation(hard_shrink(threshold = 1.0))),
    ["activation_hard_shrink_1"]
);
layer_test!(soft_shrink, sequential!(Input(6), Activation(soft_shrink)), ["activation_soft_shrink"]);
layer_test!(soft_shrink_1, sequential!(Input(6), Activation(soft_shrink(1))), ["activation_soft_shrink_1"]);
layer_test!(
    threshold,
    sequential!(Input(6), Activation(threshold(0.5, default_value = -2.0))),
    ["activation_threshold"]
);
layer_test!(softplus, sequential!(Input(6), Activation(softplus)), ["activation_softplus"]);
layer_test!(softsign, sequential!(Input(6), Activation(softsign)), ["activation_softsign"]);
layer_test!(squareplus, sequential!(Input(6), Activation(squareplus)), ["activation_squareplus"]);
layer_test!(squareplus_1, sequential!(Input(6), Activation(squareplus(b = 1.0))), ["activation_squareplus_1"]);
layer_test!(mish, sequential!(Input(6), Activation(mish)), ["activation_mish"]);
layer_test!(exponential, sequential!(Input(6), Activation(exponential)), ["activation_exponential"]);
layer_test!(sparse_plus, sequential!(Input(6), Activation(sparse_plus)), ["activation_sparse_plus"]);
layer_test!(sparse_sigmoid, sequential!(Input(6), Activation(sparse_sigmoid)), ["activation_sparse_sigmoid"]);

const SLOPE: f32 = 0.1;
layer_test!(
    const_slope,
    sequential!(Input(6), Activation(leaky_relu(negative_slope = SLOPE))),
    ["activation_leaky_relu_0.1"]
);
layer_test!(const_alpha, sequential!(Input(6), Activation(celu(20.0 * SLOPE))), ["activation_celu_2"]);
layer_test!(no_limit, sequential!(Input(4), Activation(relu(0.0, max_value = None))), ["activation_relu"]);
layer_test!(quoted, sequential!(Input(6), Activation("swish")), ["activation_silu"]);
layer_test!(hard_swish, sequential!(Input(6), Activation(hard_swish)), ["activation_hard_silu"]);

layer_test!(softmax_axis1, sequential!(Input((3, 4)), Activation(softmax(axis = 1))), ["activation_softmax_axis1"]);
layer_test!(log_softmax, sequential!(Input(5), Activation(log_softmax)), ["activation_log_softmax"]);
layer_test!(
    log_softmax_axis1,
    sequential!(Input((3, 2)), Activation(log_softmax(1))),
    ["activation_log_softmax_axis1"]
);
layer_test!(sparsemax, sequential!(Input(6), Activation(sparsemax)), ["activation_sparsemax"]);
layer_test!(
    sparsemax_axis2,
    sequential!(Input((2, 4, 2)), Activation(sparsemax(axis = 2))),
    ["activation_sparsemax_axis2"]
);
layer_test!(glu, sequential!(Input(6), Activation(glu)), ["activation_glu"]);
layer_test!(glu_axis1, sequential!(Input((4, 3)), Activation(glu(axis = 1))), ["activation_glu_axis1"]);

const N: usize = 2;
layer_test!(glu_const, sequential!(Input((2 * N, 3)), Activation(glu(axis = 1))), ["activation_glu_axis1"]);
layer_test!(glu_const_last, sequential!(Input(3 * N), Activation(glu)), ["activation_glu"]);
