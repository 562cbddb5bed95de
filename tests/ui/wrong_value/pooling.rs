//! Sizes of windows, and other arguments of pooling layers.
use keras::sequential;

sequential! {
    struct Steps<
        Input((28, 8)),
        MaxPooling1D(0),
        AveragePooling1D(2, padding = full),
        AveragePooling1D(),
        GlobalMaxPooling1D(keepdims = 1),
        GlobalAveragePooling1D(3),
        AdaptiveMaxPooling1D(0),
        AdaptiveAveragePooling1D(),
    >;
}

sequential! {
    struct Image<
        Input((28, 28, 1)),
        MaxPooling2D((2, 2, 2)),
        AveragePooling2D(2, strides = 0),
        GlobalMaxPooling2D(keep_dims = true),
        GlobalAveragePooling2D(keepdims = True),
        AdaptiveMaxPooling2D(),
    >;
}

sequential! {
    struct Volume<
        Input((8, 8, 8, 1)),
        MaxPooling3D((2, 2)),
        AveragePooling3D(),
        GlobalMaxPooling3D(data_format = first),
        GlobalAveragePooling3D(2),
        AdaptiveMaxPooling3D(),
        AdaptiveAveragePooling3D((2, 2)),
    >;
}

fn main() {}
