use keras::sequential;

use crate::layer_test;

layer_test!(mlp, sequential!(Input(6), Dense(5, activation = relu), Dense(4, activation = softmax)), ["mlp"]);
layer_test!(
    mlp_first_layer_frozen,
    sequential!(Input(6), Dense(5, activation = relu, trainable = false), Dense(4, activation = softmax)),
    ["mlp_first_layer_frozen"]
);
layer_test!(
    mlp_regularized,
    sequential!(
        Input(6),
        Dense(5, activation = relu, kernel_regularizer = L2(0.1), activity_regularizer = L1(0.1)),
        Dense(4, kernel_regularizer = L1(0.1), bias_regularizer = L1L2(0.1, 0.2))
    ),
    ["mlp_regularized"]
);
layer_test!(
    flatten_dense_activation_reshape,
    sequential!(Input((2, 3)), Flatten, Dense(6), Activation(gelu), Reshape((3, 2)), Dense(4, activation = sigmoid)),
    ["flatten_dense_activation_reshape"]
);
