use keras::sequential;

use crate::layer_test;

layer_test!(alone, sequential!(Input((2, 3)), Identity()), ["identity"]);
layer_test!(between, sequential!(Input(3), Dense(4, relu), Identity, Dense(2)));
layer_test!(flat, sequential!(Input(5), Identity), ["identity_rank2"]);
layer_test!(rank4, sequential!(Input((2, 1, 3)), Identity()), ["identity_rank4"]);
