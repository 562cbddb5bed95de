use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 2)), GlobalAveragePooling1D), ["global_average_pooling1d"]);
layer_test!(
    kept,
    sequential!(Input((3, 2)), GlobalAveragePooling1D(keepdims = true)),
    ["global_average_pooling1d_kept"]
);
layer_test!(
    first,
    sequential!(Input((3, 2)), GlobalAveragePooling1D(channels_first, true)),
    ["global_average_pooling1d_first"]
);
