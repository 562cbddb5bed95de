//! Random layers, and those with weights or penalties besides Dense.

use crate::{chain, graph};

#[test]
fn rates() {
    chain(
        "Input(4), GaussianDropout(1), AlphaDropout(1.0), GaussianNoise(1.5), GaussianNoise",
        &[
            ("1", "`GaussianDropout`: `rate` must be less than 1, got 1"),
            ("1.5", "`GaussianNoise`: `stddev` must lie between 0 and 1, got 1.5"),
            ("GaussianNoise", "`GaussianNoise` needs the argument `stddev`"),
        ],
    );
    chain("Input(4), AlphaDropout(1.0)", &[("1.0", "`AlphaDropout`: `rate` must be less than 1, got 1")]);
    chain(
        "Input((4, 3)), SpatialDropout2D(0.5)",
        &[(
            "SpatialDropout2D",
            "`SpatialDropout2D` needs an input of 3 dimensions (rows, columns, channels), found one of 2",
        )],
    );
    chain(
        "Input((4, 3)), SpatialDropout1D(-0.5)",
        &[("-0.5", "`SpatialDropout1D`: `rate` must lie between 0 and 1, got -0.5")],
    );
    chain("Input((4, 3)), SpatialDropout1D(RATE), GaussianDropout(RATE), AlphaDropout(RATE), GaussianNoise(SD)", &[]);
}

#[test]
fn shapes_of_masks() {
    for (shape, message) in [
        ("(None, 4)", "must have 3 dimensions, the batch and those of the input, found 2"),
        (
            "(32, 4, 1)",
            "must begin with `None`, a mask for each sample, or 1, one for all: a model takes batches of any size",
        ),
        ("(None, 2, 1)", "must have 1, `None` or 4 in dimension 1, got 2"),
        ("4", "must be a shape such as `(None, 1, 64)`, the batch first, found `4`"),
        ("(None, 0, 1)", "must be a shape such as `(None, 1, 64)`, the batch first, found `(None, 0, 1)`"),
    ] {
        for layer in ["Dropout", "AlphaDropout"] {
            chain(
                &format!("Input((4, 3)), {layer}(0.5, noise_shape = {shape})"),
                &[(shape, &format!("`{layer}`: `noise_shape` {message}"))],
            );
        }
    }
    chain("Input((4, 3)), Dropout(0.5, (None, 4, 1)), AlphaDropout(0.5, [1, 1, None])", &[]);
}

#[test]
fn slopes_and_penalties() {
    chain(
        "Input((4, 3)), PReLU(shared_axes = 0)",
        &[("0", "`PReLU`: `shared_axes` must be 1 to 2, or -2 to -1, got 0 (0 is the batch)")],
    );
    chain(
        "Input((4, 3)), PReLU(alpha_initializer = zeroes)",
        &[(
            "zeroes",
            "`PReLU`: `alpha_initializer` names no initializer: `zeroes`; did you mean `Zeros`?\navailable: Zeros, Ones, \
             Constant, Identity, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, GlorotUniform, \
             GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal, Orthogonal",
        )],
    );
    graph(
        "struct M(a: [4], b: [5]) { let p = PReLU(); (p(a), p(b)) }",
        &[("p(b)", "this shared layer was first called with an input whose weights are (4), here they would be (5)")],
    );
    chain(
        "Input(4), ActivityRegularization(-0.1), ActivityRegularization(l3 = 1)",
        &[
            ("-0.1", "`ActivityRegularization`: `l1` must be 0 or more, got -0.1"),
            ("l3", "`ActivityRegularization` has no argument `l3`\navailable: l1, l2, name, trainable, dtype"),
        ],
    );
}
