//! Transposed, depthwise and separable convolutions, and adaptive pooling, of inputs that do not fit.
use keras::sequential;

const STEPS: usize = 2;

sequential! { struct More< Input((5, 5, 1)), Conv2DTranspose(8, 3, strides = 2, output_padding = 2), Flatten, Dense(3) >; }

sequential! { struct Flat< Input((28, 28)), Conv2DTranspose(8, 3), Flatten, Dense(3) >; }

sequential! { struct Deep< Input((2, 5, 1)), DepthwiseConv2D(3), Flatten, Dense(3) >; }

sequential! { struct Steps< Input((STEPS, 4)), DepthwiseConv1D(STEPS + 1), Flatten, Dense(3) >; }

sequential! { struct Apart< Input((STEPS, 4)), SeparableConv1D(8, STEPS * 2, dilation_rate = 2), Flatten, Dense(3) >; }

sequential! { struct Adaptive< Input((28, 28)), AdaptiveAveragePooling2D(7), Flatten, Dense(3) >; }

fn main() {}
