use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((2, 3, 2)), Cropping2D), ["cropping2d"]);
layer_test!(one, sequential!(Input((4, 3, 2)), Cropping2D(1)), ["cropping2d_1"]);
layer_test!(two, sequential!(Input((4, 5, 2)), Cropping2D((1, 2))), ["cropping2d_12"]);
layer_test!(
    pairs,
    sequential!(Input((4, 5, 2)), Cropping2D(((1, 0), (2, 1)), data_format = channels_last)),
    ["cropping2d_pairs"]
);
layer_test!(const_size, sequential!(Input((2 * N, 5, N)), Cropping2D((1, N))), ["cropping2d_12"]);

layer_test!(first, sequential!(Input((2, 4, 5)), Cropping2D((1, 2), channels_first)), ["cropping2d_first"]);
layer_test!(
    first_pairs,
    sequential!(Input((3, 4, 5)), Cropping2D(((1, 0), (2, 1)), data_format = channels_first)),
    ["cropping2d_first_pairs"]
);
