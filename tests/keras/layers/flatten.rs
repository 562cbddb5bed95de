use keras::sequential;

use crate::layer_test;

layer_test!(rank2, sequential!(Input(4), Flatten), ["flatten_rank2"]);
layer_test!(rank3, sequential!(Input((3, 4)), Flatten), ["flatten_rank3"]);
layer_test!(rank4, sequential!(Input((2, 3, 2)), Flatten), ["flatten_rank4"]);
