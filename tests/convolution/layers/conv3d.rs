use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 3, 4, 2)), Conv3D(2, 2)), ["conv3d"]);
layer_test!(
    same,
    sequential!(Input((3, 2, 3, 1)), Conv3D(2, (2, 3, 2), strides = (2, 1, 2), padding = same)),
    ["conv3d_same"]
);
layer_test!(
    dilated,
    sequential!(Input((4, 3, 3, 2)), Conv3D(2, (2, 1, 2), dilation_rate = (2, 1, 2), groups = 2, activation = relu)),
    ["conv3d_dilated"]
);
layer_test!(
    first,
    sequential!(Input((2, 2, 3, 3)), Conv3D(2, 2, data_format = channels_first, padding = same)),
    ["conv3d_first"]
);
