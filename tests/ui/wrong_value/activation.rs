//! Activations with arguments that they do not take, or not so.
use keras::sequential;

sequential! {
    struct Wrong< Input(4),
        Dense(8, leaky_relu(alpha = 0.1)),
        Dense(8, elu(alpha = -1.0)),
        Dense(8, threshold(0.5)),
        LeakyReLU(-0.3),
        Rescaling
    >;
}

fn main() {}
