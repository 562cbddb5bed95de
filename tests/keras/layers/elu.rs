use keras::sequential;

use crate::layer_test;

layer_test!(plain, sequential!(Input((2, 3)), ELU), ["elu_layer"]);
layer_test!(alpha, sequential!(Input((2, 3)), ELU(alpha = 0.5)), ["elu_layer_0.5"]);
layer_test!(fused, sequential!(Input(3), Dense(4), ELU, Dense(2)));
layer_test!(two, sequential!(Input((2, 3)), ELU(2.0)), ["elu_layer_2"]);
