//! Words and sizes of transposed, depthwise and separable convolutions, and of adaptive pooling.
use keras::sequential;

sequential! {
    struct Net<
        Input((28, 28, 1)),
        Conv2DTranspose(8, 3, padding = causal),
        Conv2DTranspose(8, (3, 3, 3)),
        DepthwiseConv2D(3, depth_multiplier = 0),
        DepthwiseConv2D(32, 3, strides = (1, 2, 1)),
        SeparableConv2D(8, 3, activation = rleu),
        SeparableConv2D(8, kernel_size = (3, 3), kernel_regularizer = l2),
        AdaptiveAveragePooling2D(),
        AdaptiveMaxPooling2D((7, 7, 7)),
        UpSampling2D(2, interpolation = linear),
        Flatten,
        Dense(3),
    >;
}

fn main() {}
