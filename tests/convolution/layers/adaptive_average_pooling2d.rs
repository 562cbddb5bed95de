use keras::sequential;

use crate::layer_test;

layer_test!(some, sequential!(Input((5, 7, 2)), AdaptiveAveragePooling2D((3, 4))), ["adaptive_average_pooling2d"]);
layer_test!(one, sequential!(Input((5, 7, 2)), AdaptiveAveragePooling2D(1)), ["adaptive_average_pooling2d_one"]);
layer_test!(
    first,
    sequential!(Input((2, 5, 4)), AdaptiveAveragePooling2D(2, data_format = channels_first)),
    ["adaptive_average_pooling2d_first"]
);
