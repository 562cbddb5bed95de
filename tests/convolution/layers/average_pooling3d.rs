use keras::sequential;

use crate::layer_test;

layer_test!(two, sequential!(Input((2, 5, 4, 2)), AveragePooling3D(2)), ["average_pooling3d"]);
layer_test!(
    same,
    sequential!(Input((3, 2, 4, 1)), AveragePooling3D((1, 2, 3), strides = (2, 1, 2), padding = same)),
    ["average_pooling3d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 3, 2, 3)), AveragePooling3D(2, 1, data_format = channels_first)),
    ["average_pooling3d_first"]
);
