//! Rates and masks of random layers.
use keras::sequential;

sequential! {
    struct Wrong< Input((4, 3)),
        GaussianNoise(1.5),
        GaussianDropout(rate = 1),
        AlphaDropout(0.5, noise_shape = (32, 4, 1)),
        PReLU(shared_axes = (0, 1))
    >;
}

sequential! {
    struct Others< Input((4, 3)),
        GaussianNoise(rate = 0.5),
        GaussianDropout(),
        SpatialDropout1D(1.5),
        SpatialDropout1D(0.5, data_format = channels_first),
        SpatialDropout2D(),
        SpatialDropout3D(0.5, channels_firts),
        ActivityRegularization(l2 = -0.1),
        ActivityRegularization(rate = 0.1)
    >;
}

sequential! { struct All< Input((4, 3)), AlphaDropout(1.0), Dense(3) >; }

sequential! { struct Flat< Input((28, 28)), SpatialDropout2D(0.5), Dense(3) >; }

sequential! { struct Image< Input((28, 28, 1)), SpatialDropout3D(0.5), Dense(3) >; }

fn main() {}
