//! Words and sizes of windows.
use keras::sequential;

sequential! {
    struct Net<
        Input((28, 28, 1)),
        Conv2D(8, 3, padding = full),
        Conv2D(8, (3, 3, 3)),
        Conv2D(8, 3, strides = 2, dilation_rate = 2),
        MaxPooling2D(data_format = last),
        AveragePooling2D(),
        AdaptiveMaxPooling2D(0),
        Flatten,
        Dense(3),
    >;
}

fn main() {}
