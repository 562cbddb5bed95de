//! Sizes of layers that move data, worked out by rustc.
use keras::sequential;

const N: usize = 4;
const ZERO: usize = 0;

sequential! { struct Cut< Input((N, 4, 1)), Cropping2D((N / 2, 0)), Dense(3) >; }

sequential! { struct Repeated< Input(N), RepeatVector(ZERO), Dense(3) >; }

sequential! { struct Odd< Input(N + 1), Activation(glu), Dense(3) >; }

sequential! { struct Dropped< Input(N), AlphaDropout(1.0 - ZERO as f32), Dense(3) >; }

fn main() {}
