use keras::sequential;

use crate::layer_test;

layer_test!(scale, sequential!(Input((2, 3)), Rescaling(0.25)), ["rescaling"]);
layer_test!(offset, sequential!(Input((2, 3)), Rescaling(scale = 1.0 / 127.5, offset = -1.0)), ["rescaling_offset"]);
layer_test!(fused, sequential!(Input(3), Dense(4), Rescaling(2.0, 0.5), Dense(2)));
