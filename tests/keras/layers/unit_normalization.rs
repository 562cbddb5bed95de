use keras::sequential;

use crate::layer_test;

layer_test!(last, sequential!(Input(5), UnitNormalization), ["unit_normalization"]);
layer_test!(axis1, sequential!(Input((3, 4)), UnitNormalization(axis = 1)), ["unit_normalization_axis1"]);
layer_test!(axes, sequential!(Input((2, 3, 2)), UnitNormalization(axis = (1, 2))), ["unit_normalization_axes"]);
layer_test!(between, sequential!(Input(3), Dense(4), UnitNormalization(), Dense(2)));
