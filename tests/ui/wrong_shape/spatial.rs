//! Layers for images and sequences, given something else, or more to cut off than there is.
use keras::sequential;

sequential! { struct Flat< Input((28, 28)), ZeroPadding2D(1), Dense(3) >; }

sequential! { struct Cut< Input((4, 4, 1)), Cropping2D(((2, 2), (0, 0))), Dense(3) >; }

sequential! { struct Order< Input((4, 4, 1)), Permute((2, 1)), Dense(3) >; }

sequential! { struct Axis< Input((4, 4)), Softmax(axis = 3), Dense(3) >; }

sequential! { struct Odd< Input(5), Activation(glu), Dense(3) >; }

fn main() {}
