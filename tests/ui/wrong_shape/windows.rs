//! Windows that do not fit, groups that do not divide.
use keras::sequential;

const CHANNELS: usize = 3;

sequential! { struct Large< Input((3, 5, 1)), Conv2D(8, (4, 3)), Flatten, Dense(3) >; }

sequential! { struct Groups< Input((28, 28, 3)), Conv2D(8, 3, groups = 2), Flatten, Dense(3) >; }

sequential! { struct Const< Input((28, 28, CHANNELS)), Conv2D(CHANNELS + 1, 3, groups = CHANNELS), Flatten, Dense(3) >; }

sequential! { struct Pooled< Input((1, 5, 1)), MaxPooling2D, Flatten, Dense(3) >; }

sequential! { struct Flat< Input((28, 28)), GlobalAveragePooling2D, Dense(3) >; }

fn main() {}
