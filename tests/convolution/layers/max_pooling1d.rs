use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((5, 2)), MaxPooling1D), ["max_pooling1d"]);
layer_test!(same, sequential!(Input((6, 2)), MaxPooling1D(3, 2, same)), ["max_pooling1d_same"]);
layer_test!(
    first,
    sequential!(Input((2, 4)), MaxPooling1D(2, strides = 1, data_format = channels_first)),
    ["max_pooling1d_first"]
);
