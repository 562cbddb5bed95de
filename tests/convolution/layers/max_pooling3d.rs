use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 5, 4, 2)), MaxPooling3D), ["max_pooling3d"]);
layer_test!(
    same,
    sequential!(Input((3, 2, 4, 1)), MaxPooling3D((1, 2, 3), strides = (2, 1, 2), padding = same)),
    ["max_pooling3d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 3, 2, 3)), MaxPooling3D(2, 1, data_format = channels_first)),
    ["max_pooling3d_first"]
);
