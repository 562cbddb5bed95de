use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((1, 2, 1, 2)), UpSampling3D), ["up_sampling3d"]);
layer_test!(sizes, sequential!(Input((2, 1, 2, 1)), UpSampling3D((1, 2, 3))), ["up_sampling3d_123"]);

layer_test!(first, sequential!(Input((2, 1, 2, 2)), UpSampling3D((1, 2, 3), channels_first)), ["up_sampling3d_first"]);
