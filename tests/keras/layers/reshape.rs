use keras::sequential;

use crate::layer_test;

layer_test!(n12_to_3x4, sequential!(Input(12), Reshape((3, 4))), ["reshape_12_to_3x4"]);
layer_test!(n2x6_to_3x4, sequential!(Input((2, 6)), Reshape((3, 4))), ["reshape_2x6_to_3x4"]);
layer_test!(n12_to_infer_first, sequential!(Input(12), Reshape((-1, 4))), ["reshape_12_to_infer_first"]);
layer_test!(n2x6_to_infer_first, sequential!(Input((2, 6)), Reshape((-1, 4))), ["reshape_2x6_to_infer_first"]);
layer_test!(n12_to_infer_middle, sequential!(Input(12), Reshape((2, -1, 3))), ["reshape_12_to_infer_middle"]);
layer_test!(n2x6_to_infer_middle, sequential!(Input((2, 6)), Reshape((2, -1, 3))), ["reshape_2x6_to_infer_middle"]);
layer_test!(n12_to_flat, sequential!(Input(12), Reshape((-1))), ["reshape_12_to_flat"]);
layer_test!(n2x6_to_flat, sequential!(Input((2, 6)), Reshape((-1))), ["reshape_2x6_to_flat"]);
