use keras::sequential;

use crate::layer_test;

layer_test!(plain, sequential!(Input((2, 3)), ReLU), ["re_lu"]);
layer_test!(
    all,
    sequential!(Input((2, 3)), ReLU(max_value = 1.5, negative_slope = 0.25, threshold = 0.5)),
    ["re_lu_all"]
);
layer_test!(max, sequential!(Input((2, 3)), ReLU(1.5)), ["re_lu_max"]);
layer_test!(fused, sequential!(Input(3), Dense(4), ReLU(None), Dense(2)));
