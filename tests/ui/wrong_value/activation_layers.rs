//! Arguments of layers that are an activation, or leave their input as it is.
use keras::sequential;

sequential! {
    struct Wrong<
        Input((4, 3)),
        ReLU(max_value = -1.0),
        ReLU(alpha = 0.1),
        LeakyReLU(alpha = 0.3),
        PReLU(0.25),
        ELU(negative_slope = 0.1),
        ELU(-1.0),
        Softmax(axis = last),
        Softmax(dim = 1),
        Activation(),
        Activation(rleu),
        Identity(3),
        Identity(4, name = same, nmae = same),
        UnitNormalization(axis = last),
        Masking(value = 0.0),
        Masking(0.0, 1),
    >;
}

sequential! { struct Axis< Input((4, 3)), UnitNormalization(axis = 3), Dense(3) >; }

sequential! { struct Groups< Input((4, 3)), GroupNormalization(2), Dense(3) >; }

fn main() {}
