//! Layers that move data.

use crate::chain;

#[test]
fn ranks() {
    let cropping = "`Cropping2D` needs an input of 3 dimensions (rows, columns, channels), found one of 2";
    chain("Input((4, 3)), Cropping2D(1)", &[("Cropping2D", cropping)]);
    chain(
        "Input(4), ZeroPadding1D",
        &[("ZeroPadding1D", "`ZeroPadding1D` needs an input of 2 dimensions (steps, features), found one of 1")],
    );
    chain(
        "Input((4, 3)), RepeatVector(2)",
        &[("RepeatVector", "`RepeatVector` needs an input of 1 dimension (features), found one of 2")],
    );
}

#[test]
fn sizes() {
    chain(
        "Input((4, 3)), Cropping1D((1, 3))",
        &[(
            "(1, 3)",
            "Cropping1D: `cropping` cuts off 1 + 3 of 4 positions in dimension 1 of (4, 3); at least one must be left",
        )],
    );
    chain(
        "Input((4, 3)), Cropping1D((1, 1, 1))",
        &[(
            "(1, 1, 1)",
            "`Cropping1D`: `cropping` must be a number or a pair of them such as `(1, 2)`, found `(1, 1, 1)`",
        )],
    );
    let pairs = "must be a number, `(1, 1)` or `((1, 2), (1, 2))`, found";
    chain(
        "Input((4, 3, 1)), ZeroPadding2D((1, 1, 1)), ZeroPadding2D(((1, 1, 1), 1))",
        &[
            ("(1, 1, 1)", &format!("`ZeroPadding2D`: `padding` {pairs} `(1, 1, 1)`")),
            ("((1, 1, 1), 1)", &format!("`ZeroPadding2D`: `padding` {pairs} `((1, 1, 1), 1)`")),
        ],
    );
    chain("Input((4, 3)), ZeroPadding1D(-1)", &[("-1", "`ZeroPadding1D`: `padding` must be at least 0, got -1")]);
    chain(
        "Input((4, 3, 1)), UpSampling2D((1, 2, 3)), UpSampling2D(0)",
        &[
            ("(1, 2, 3)", "`UpSampling2D`: `size` must be one size or 2 in parentheses, found `(1, 2, 3)`"),
            ("0", "`UpSampling2D`: `size` must be at least 1, got 0"),
        ],
    );
    chain("Input(4), RepeatVector", &[("RepeatVector", "`RepeatVector` needs the argument `n`")]);
    chain("Input((A, 3)), Cropping1D((0, B)), ZeroPadding1D(C), UpSampling1D(D)", &[]);
}

#[test]
fn orders() {
    let order = "`Permute`: `dims` must be an order of (1, 2), the dimensions of the input";
    for dims in ["(0, 1)", "(1, 1)", "(1, 2, 3)", "1"] {
        chain(&format!("Input((4, 3)), Permute({dims})"), &[(dims, order)]);
    }
    chain(
        "Input((4, 3)), Permute((a, b))",
        &[("(a, b)", "`Permute`: `dims` must be an integer or several in parentheses, found `(a, b)`")],
    );
}

#[test]
fn what_is_not_supported() {
    chain(
        "Input((4, 3, 1)), UpSampling2D(2, None, bilinear), UpSampling2D(interpolation = linear)",
        &[(
            "linear",
            "`UpSampling2D`: `interpolation` must be `nearest`, `bilinear`, `bicubic`, `lanczos3` or `lanczos5`, found \
             `linear`",
        )],
    );
    chain(
        "Input((1, 4, 3)), Cropping2D(2, channels_first)",
        &[(
            "2",
            "Cropping2D: `cropping` cuts off 2 + 2 of 4 positions in dimension 2 of (1, 4, 3); at least one must be left",
        )],
    );
    chain(
        "Input((4, 3)), ZeroPadding2D(1, channels_first)",
        &[(
            "ZeroPadding2D",
            "`ZeroPadding2D` needs an input of 3 dimensions (channels, rows, columns), found one of 2",
        )],
    );
}
