use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 2)), GlobalMaxPooling1D), ["global_max_pooling1d"]);
layer_test!(kept, sequential!(Input((3, 2)), GlobalMaxPooling1D(keepdims = true)), ["global_max_pooling1d_kept"]);
layer_test!(
    first,
    sequential!(Input((3, 2)), GlobalMaxPooling1D(channels_first, true)),
    ["global_max_pooling1d_first"]
);
