use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 4, 3, 2)), Cropping3D), ["cropping3d"]);
layer_test!(pairs, sequential!(Input((3, 3, 4, 1)), Cropping3D(((0, 1), (1, 0), (2, 1)))), ["cropping3d_pairs"]);

layer_test!(first, sequential!(Input((2, 3, 4, 3)), Cropping3D(data_format = channels_first)), ["cropping3d_first"]);
layer_test!(
    first_pairs,
    sequential!(Input((1, 3, 3, 4)), Cropping3D(((0, 1), (1, 0), (2, 1)), channels_first)),
    ["cropping3d_first_pairs"]
);
