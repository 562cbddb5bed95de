use keras::sequential;

use crate::layer_test;

layer_test!(two, sequential!(Input((5, 4, 3)), AveragePooling2D(2)), ["average_pooling2d"]);
layer_test!(
    same,
    sequential!(Input((4, 5, 2)), AveragePooling2D((3, 2), strides = (2, 1), padding = same)),
    ["average_pooling2d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 5, 6)), AveragePooling2D(2, 3, data_format = channels_first)),
    ["average_pooling2d_first"]
);
layer_test!(wide, sequential!(Input((2, 3, 37)), AveragePooling2D((1, 2))), ["average_pooling2d_wide"]);
