use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 2, 3, 2)), GlobalAveragePooling3D), ["global_average_pooling3d"]);
layer_test!(
    kept,
    sequential!(Input((2, 2, 3, 2)), GlobalAveragePooling3D(keepdims = true)),
    ["global_average_pooling3d_kept"]
);
layer_test!(
    first,
    sequential!(Input((2, 2, 3, 2)), GlobalAveragePooling3D(channels_first, true)),
    ["global_average_pooling3d_first"]
);
