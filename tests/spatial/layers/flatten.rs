use keras::sequential;

use crate::layer_test;

layer_test!(rank2, sequential!(Input(4), Flatten), ["flatten_rank2"]);
layer_test!(rank3, sequential!(Input((3, 4)), Flatten), ["flatten_rank3"]);
layer_test!(rank4, sequential!(Input((2, 3, 2)), Flatten), ["flatten_rank4"]);

layer_test!(first2, sequential!(Input((2, 3)), Flatten(channels_first)), ["flatten_first_rank2"]);
layer_test!(first3, sequential!(Input((2, 3, 4)), Flatten(data_format = channels_first)), ["flatten_first_rank3"]);
layer_test!(first4, sequential!(Input((3, 2, 1, 4)), Flatten("channels_first")), ["flatten_first_rank4"]);
layer_test!(first1, sequential!(Input(4), Flatten(channels_first), Dense(2)));
