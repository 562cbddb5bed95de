use keras::sequential;

use crate::layer_test;

layer_test!(two, sequential!(Input((5, 2)), AveragePooling1D(2)), ["average_pooling1d"]);
layer_test!(same, sequential!(Input((6, 2)), AveragePooling1D(3, 2, same)), ["average_pooling1d_same"]);
layer_test!(
    first,
    sequential!(Input((2, 4)), AveragePooling1D(2, strides = 1, data_format = channels_first)),
    ["average_pooling1d_first"]
);
