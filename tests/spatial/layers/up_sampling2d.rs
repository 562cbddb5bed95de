use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 3, 2)), UpSampling2D(interpolation = nearest)), ["up_sampling2d"]);
layer_test!(sizes, sequential!(Input((2, 2, 1)), UpSampling2D((3, 1))), ["up_sampling2d_31"]);

const N: usize = 2;

layer_test!(first, sequential!(Input((2, 2, 3)), UpSampling2D((3, 1), channels_first)), ["up_sampling2d_first"]);
layer_test!(
    bilinear,
    sequential!(Input((3, 4, 2)), UpSampling2D(interpolation = bilinear)),
    ["up_sampling2d_bilinear"]
);
layer_test!(bicubic, sequential!(Input((5, 4, 2)), UpSampling2D(interpolation = "bicubic")), ["up_sampling2d_bicubic"]);
layer_test!(
    lanczos3,
    sequential!(Input((4, 7, 1)), UpSampling2D(interpolation = lanczos3)),
    ["up_sampling2d_lanczos3"]
);
layer_test!(
    lanczos5,
    sequential!(Input((3, 12, 1)), UpSampling2D(interpolation = lanczos5)),
    ["up_sampling2d_lanczos5"]
);
layer_test!(
    bilinear_rows,
    sequential!(Input((2, 3, 9)), UpSampling2D((3, 1), interpolation = bilinear)),
    ["up_sampling2d_bilinear_31"]
);
layer_test!(
    bicubic_columns,
    sequential!(Input((1, 5, 3)), UpSampling2D((1, 4), interpolation = bicubic)),
    ["up_sampling2d_bicubic_14"]
);
layer_test!(
    lanczos3_const_size,
    sequential!(Input((N, 2, 10)), UpSampling2D((N, N + 1), interpolation = lanczos3)),
    ["up_sampling2d_lanczos3_23"]
);
layer_test!(
    lanczos5_of_one,
    sequential!(Input((2, 1, 2)), UpSampling2D((5, 3), interpolation = lanczos5)),
    ["up_sampling2d_lanczos5_53"]
);
layer_test!(
    bilinear_first,
    sequential!(Input((2, 3, 5)), UpSampling2D((2, 3), channels_first, bilinear)),
    ["up_sampling2d_bilinear_first"]
);
layer_test!(
    bicubic_first,
    sequential!(Input((2, 1, 40)), UpSampling2D(2, channels_first, bicubic)),
    ["up_sampling2d_bicubic_first"]
);
layer_test!(
    lanczos3_first,
    sequential!(Input((1, 9, 4)), UpSampling2D(3, channels_first, lanczos3)),
    ["up_sampling2d_lanczos3_first"]
);
layer_test!(
    lanczos5_first,
    sequential!(Input((1, 2, 14)), UpSampling2D((3, N), channels_first, lanczos5)),
    ["up_sampling2d_lanczos5_first"]
);
layer_test!(
    as_it_is,
    sequential!(Input((2, 2, 2)), UpSampling2D(1, interpolation = bicubic)),
    ["up_sampling2d_bicubic_11"]
);
