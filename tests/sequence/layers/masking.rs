use keras::sequential;

use crate::layer_test;

layer_test!(zeros, sequential!(Input((4, 3)), Masking), ["masking"]);
layer_test!(value, sequential!(Input((4, 2)), Masking(mask_value = 0.5), Dense(2, relu)), ["masking_value"]);
layer_test!(rank4, sequential!(Input((2, 3, 2)), Masking(), Dense(2)), ["masking_rank4"]);
layer_test!(after, sequential!(Input((3, 4)), Dense(5, relu), Masking, Dense(2)));
