//! Pooling layers whose input has too few dimensions, or too many, or is smaller than a window.
use keras::sequential;

fn main() {
    sequential!(Input(28), MaxPooling1D());
    sequential!(Input((28, 28)), MaxPooling2D((2, 2)));
    sequential!(Input((28, 28, 1)), MaxPooling3D());
    sequential!(Input(28), AveragePooling1D(2));
    sequential!(Input((2, 8, 1)), AveragePooling2D(3));
    sequential!(Input((28, 28, 1)), AveragePooling3D(2));
    sequential!(Input(28), GlobalMaxPooling1D());
    sequential!(Input(28), GlobalMaxPooling2D());
    sequential!(Input((28, 28, 1)), GlobalMaxPooling3D());
    sequential!(Input((28, 28, 1)), GlobalAveragePooling1D());
    sequential!(Input((28, 28)), GlobalAveragePooling2D);
    sequential!(Input((28, 28, 1)), GlobalAveragePooling3D());
    sequential!(Input(28), AdaptiveMaxPooling1D(7));
    sequential!(Input((28, 28)), AdaptiveMaxPooling2D(7));
    sequential!(Input((28, 28, 1)), AdaptiveMaxPooling3D(7));
    sequential!(Input(28), AdaptiveAveragePooling1D(7));
    sequential!(Input((28, 28, 1)), AdaptiveAveragePooling3D(7));
}
