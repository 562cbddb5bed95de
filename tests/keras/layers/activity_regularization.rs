use keras::sequential;

use crate::layer_test;

layer_test!(none, sequential!(Input(4), ActivityRegularization), ["activity_regularization"]);
layer_test!(l1, sequential!(Input(4), ActivityRegularization(l1 = 0.25)), ["activity_regularization_l1"]);
layer_test!(both, sequential!(Input((2, 3)), ActivityRegularization(0.125, 0.5)), ["activity_regularization_l1l2"]);
layer_test!(
    between,
    sequential!(Input(4), Dense(3, tanh), ActivityRegularization(l2 = 0.25), Dense(2)),
    ["activity_regularization_between"]
);
