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
