use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(two, sequential!(Input((3, 4)), Permute((2, 1))), ["permute_21"]);
layer_test!(three, sequential!(Input((2, 3, 4)), Permute((3, 1, 2))), ["permute_312"]);
layer_test!(same, sequential!(Input((2, 3)), Permute((1, 2))), ["permute_same"]);
layer_test!(const_size, sequential!(Input((N, 3, 2 * N)), Permute([3, 1, 2])), ["permute_312"]);
layer_test!(between, sequential!(Input((2, 3)), Dense(4, tanh), Permute((2, 1)), Dense(2)));
