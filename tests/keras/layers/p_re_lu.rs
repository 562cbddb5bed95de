use keras::{model, sequential};

use crate::layer_test;

const N: usize = 2;

layer_test!(one, sequential!(Input(4), PReLU), ["p_re_lu"]);
layer_test!(rank3, sequential!(Input((2, 3)), PReLU(ones)), ["p_re_lu_rank3"]);
layer_test!(shared1, sequential!(Input((3, 2)), PReLU(shared_axes = 1)), ["p_re_lu_shared1"]);
layer_test!(shared12, sequential!(Input((2, 3, 2)), PReLU(shared_axes = [1, 2])), ["p_re_lu_shared12"]);
layer_test!(shared2, sequential!(Input((2, 3)), PReLU(shared_axes = (2))), ["p_re_lu_shared2"]);
layer_test!(shared13, sequential!(Input((2, 2, 3)), PReLU(shared_axes = (1, -1))), ["p_re_lu_shared13"]);
layer_test!(l2, sequential!(Input(4), PReLU(alpha_regularizer = L2(0.1))), ["p_re_lu_l2"]);
layer_test!(const_size, sequential!(Input((N, N + 1, N)), PReLU(shared_axes = (1, 2))), ["p_re_lu_shared12"]);
layer_test!(wide, sequential!(Input((2, 3)), Dense(300), PReLU(shared_axes = 1)));
layer_test!(unshared_wide, sequential!(Input((2, 3)), Dense(150), PReLU));
layer_test!(between, sequential!(Input(3), Dense(4), PReLU(alpha_constraint = NonNeg), Dense(2)));
layer_test!(twice, model!(|a: [2, 3], b: [2, 3]| { let act = PReLU(shared_axes = 1); act(a) + act(Dense(3)(b)) }));
layer_test!(frozen, sequential!(Input(3), Dense(4), PReLU(trainable = false), Dense(2)));
