use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 2, 3)), GlobalAveragePooling2D), ["global_average_pooling2d"]);
layer_test!(
    kept,
    sequential!(Input((3, 2, 3)), GlobalAveragePooling2D(keepdims = true)),
    ["global_average_pooling2d_kept"]
);
layer_test!(
    first,
    sequential!(Input((3, 2, 3)), GlobalAveragePooling2D(channels_first, true)),
    ["global_average_pooling2d_first"]
);
