//! Layers that move what they are given, which is not what they can move.
use keras::sequential;

fn main() {
    sequential!(Input((4, 3)), RepeatVector(2));
    sequential!(Input((4, 3)), Permute((1, 2, 3)));
    sequential!(Input(4), Cropping1D(1));
    sequential!(Input((4, 3)), Cropping1D(2));
    sequential!(Input((4, 3)), Cropping2D(1));
    sequential!(Input((4, 3, 2)), Cropping3D(1));
    sequential!(Input((4, 4, 2, 1)), Cropping3D(1));
    sequential!(Input(4), ZeroPadding1D(1));
    sequential!(Input((4, 3, 2)), ZeroPadding3D(1));
    sequential!(Input(4), UpSampling1D(2));
    sequential!(Input((4, 3)), UpSampling2D(2));
    sequential!(Input((4, 3, 2)), UpSampling3D(2));
}
