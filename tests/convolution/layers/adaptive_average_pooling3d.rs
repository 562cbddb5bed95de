use keras::sequential;

use crate::layer_test;

layer_test!(
    some,
    sequential!(Input((3, 5, 4, 1)), AdaptiveAveragePooling3D((2, 3, 3))),
    ["adaptive_average_pooling3d"]
);
layer_test!(one, sequential!(Input((3, 5, 4, 1)), AdaptiveAveragePooling3D(1)), ["adaptive_average_pooling3d_one"]);
layer_test!(
    first,
    sequential!(Input((1, 3, 4, 5)), AdaptiveAveragePooling3D(2, data_format = channels_first)),
    ["adaptive_average_pooling3d_first"]
);
