//! Arguments of layers that move what they are given.
use keras::sequential;

sequential! {
    struct Steps<
        Input((8, 3)),
        RepeatVector(),
        RepeatVector(0),
        Permute(2.0),
        Reshape(),
        Cropping1D((1, 1, 1)),
        ZeroPadding1D(-1),
        UpSampling1D(0),
        UpSampling1D((2, 2)),
    >;
}

sequential! {
    struct Image<
        Input((8, 8, 3)),
        Flatten(1),
        Cropping2D((1, 1, 1)),
        ZeroPadding2D((1, 1, 1)),
        UpSampling2D(size = 0),
    >;
}

sequential! {
    struct Volume<
        Input((8, 8, 8, 3)),
        Cropping3D((1, 1)),
        ZeroPadding3D((1, 1)),
        ZeroPadding3D(data_format = last),
        UpSampling3D((2, 2)),
        UpSampling3D(2, interpolation = bilinear),
    >;
}

fn main() {}
