//! Convolutions whose input has too few dimensions, or is smaller than a window.
use keras::sequential;

fn main() {
    sequential!(Input(28), Conv1D(8, 3));
    sequential!(Input((2, 4)), Conv1D(8, 3));
    sequential!(Input((28, 28, 1)), Conv3D(8, 3));
    sequential!(Input((8, 8, 2, 1)), Conv3D(8, 3));
    sequential!(Input(28), Conv1DTranspose(8, 3));
    sequential!(Input((5, 4)), Conv1DTranspose(8, 3, strides = 2, output_padding = 2));
    sequential!(Input((28, 28, 1)), Conv3DTranspose(8, 3));
    sequential!(Input(28), DepthwiseConv1D(3));
    sequential!(Input((28, 28)), SeparableConv2D(8, 3));
    sequential!(Input((5, 4)), ConvLSTM1D(8, 3));
    sequential!(Input((5, 9, 9, 1)), ConvLSTM3D(8, 3));
    sequential!(Input((5, 2, 4)), ConvLSTM1D(8, 3));
    sequential!(Input((5, 9, 9, 2, 1)), ConvLSTM3D(8, 3));
}
