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

fn main() {}
