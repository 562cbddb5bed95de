use keras::sequential;

use crate::layer_test;

layer_test!(some, sequential!(Input((7, 2)), AdaptiveAveragePooling1D(3)), ["adaptive_average_pooling1d"]);
layer_test!(one, sequential!(Input((7, 2)), AdaptiveAveragePooling1D(1)), ["adaptive_average_pooling1d_one"]);
layer_test!(
    first,
    sequential!(Input((2, 5)), AdaptiveAveragePooling1D(2, data_format = channels_first)),
    ["adaptive_average_pooling1d_first"]
);
