use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 3, 2)), UpSampling2D(interpolation = nearest)), ["up_sampling2d"]);
layer_test!(sizes, sequential!(Input((2, 2, 1)), UpSampling2D((3, 1))), ["up_sampling2d_31"]);
