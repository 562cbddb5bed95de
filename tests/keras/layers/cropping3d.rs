use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 4, 3, 2)), Cropping3D), ["cropping3d"]);
layer_test!(pairs, sequential!(Input((3, 3, 4, 1)), Cropping3D(((0, 1), (1, 0), (2, 1)))), ["cropping3d_pairs"]);
