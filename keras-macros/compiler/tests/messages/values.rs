//! Values of arguments.

use crate::{ACTIVATIONS, chain, graph};

#[test]
fn wrong_values() {
    chain("Input(784), Dense(\"64\")", &[("\"64\"", "`Dense`: `units` must be a size, found `\"64\"`")]);
    chain("Input(784), Dense((3, 4))", &[("(3, 4)", "`Dense`: `units` must be one size, found `(3, 4)`")]);
    chain(
        "Input(784), Dense(relu, 64)",
        &[
            ("relu", "`Dense`: `units` must be a size, found the activation `relu`"),
            ("64", "`Dense`: `activation` must be an activation such as `relu`, found `64`"),
        ],
    );
    chain(
        "Input(784), Dense(64, rleu)",
        &[("rleu", &format!("`Dense`: `activation` names no activation: `rleu`; did you mean `relu`?\n{ACTIVATIONS}"))],
    );
    chain(
        "Input(784), Dense(64, \"blip\")",
        &[("\"blip\"", &format!("`Dense`: `activation` names no activation: `blip`\n{ACTIVATIONS}"))],
    );
    chain(
        "Input(784), Dense(64, use_bias = True, trainable = False)",
        &[
            ("True", "`Dense`: `use_bias` is written `true` in Rust, found `True`"),
            ("False", "`Dense`: `trainable` is written `false` in Rust, found `False`"),
        ],
    );
    chain("Input(784), Dense(64, use_bias = 1)", &[("1", "`Dense`: `use_bias` must be `true` or `false`, found `1`")]);
    chain("Input(784), Dropout(\"0.5\")", &[("\"0.5\"", "`Dropout`: `rate` must be a number, found `\"0.5\"`")]);
    chain(
        "Input(784), Dropout(0.5, seed = -1)",
        &[("-1", "`Dropout`: `seed` must be a seed of 0 or more, found `-1`")],
    );
    graph(
        "struct M(a: [3]) { Concatenate(\"last\")(a, a) }",
        &[("\"last\"", "`Concatenate`: `axis` must be an integer, found `\"last\"`")],
    );
    chain(
        "Input(784, dtype = f64), Dense(3)",
        &[(
            "f64",
            "`Input`: `dtype` is not one of the inputs' types\navailable: f32, float32, u8, uint8, u16, uint16, u32, uint32, \
         i32, int32, i64, int64",
        )],
    );
}

#[test]
fn sizes() {
    for (size, message) in [
        ("0", "must be at least 1, got 0"),
        ("-3", "must be at least 1, got -3"),
        ("6.5", "must be an integer, got 6.5"),
        ("1e3", "must be an integer, got 1e3"),
        ("64u8", "must be a plain integer, found `64u8`: leave out `u8`"),
        ("4294967296", "is too large: 4294967296"),
        ("340282366920938463463374607431768211456", "is too large: 340282366920938463463374607431768211456"),
        ("'a'", "must be a size, found `'a'`"),
        ("true", "must be a size, found `true`"),
    ] {
        chain(&format!("Input(784), Dense({size})"), &[(size, &format!("`Dense`: `units` {message}"))]);
        chain(&format!("Input({size}), Dense(3)"), &[(size, &format!("`Input`: a dimension {message}"))]);
        graph(&format!("struct M(x: [2, {size}]) {{ x }}"), &[(size, &format!("`Input`: a dimension {message}"))]);
    }
    chain("Input(64usize), Dense(0x40), Dense(1_000), Dense(N), Dense(a::B * 2), Dense(f(3))", &[]);
    chain("Input(784), Dense(64, lora_rank = 0)", &[("0", "`Dense`: `lora_rank` must be at least 1, got 0")]);
    chain(
        "Input((8, 2)), Conv1D(4, 3, lora_rank = R, kernel_constraint = NonNeg)",
        &[(
            "NonNeg",
            "`Conv1D`: `kernel_constraint` does not go with `lora_rank`, which freezes the weight: leave out one of the two",
        )],
    );
    chain(
        "Input((1048576, 1048576, 2)), Flatten",
        &[("Input", "`Input`: a sample of more than 2^40 numbers is too large")],
    );
    chain(
        "Input(4000000000), Dense(4000000000), Dense(3)",
        &[("Dense", "`Dense`: a weight of more than 2^40 numbers is too large")],
    );
    chain("Input(1, 2, 3, 4, 5, 6, 7), Flatten", &[("Input", "`Input`: expected at the most 6 dimensions, found 7")]);
}

#[test]
fn numbers() {
    chain("Input(784), Dropout(1.5)", &[("1.5", "`Dropout`: `rate` must lie between 0 and 1, got 1.5")]);
    chain("Input(784), Dropout(-0.1)", &[("-0.1", "`Dropout`: `rate` must lie between 0 and 1, got -0.1")]);
    chain("Input(784), Dropout(1e400)", &[("1e400", "`Dropout`: `rate` is too large for an `f32`: 1e400")]);
    chain("Input(784), Dropout(0), Dropout(1), Dropout(0.5), Dropout(RATE)", &[]);
}

#[test]
fn objects() {
    chain(
        "Input(784), Dense(3, kernel_initializer = glorot_unifrom)",
        &[(
            "glorot_unifrom",
            "`Dense`: `kernel_initializer` names no initializer: `glorot_unifrom`; did you mean `GlorotUniform`?\navailable: \
         Zeros, Ones, Constant, Identity, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, GlorotUniform, \
         GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal, Orthogonal",
        )],
    );
    chain(
        "Input(784), Dense(3, kernel_regularizer = L3(0.1))",
        &[("L3(0.1)", "`Dense`: `kernel_regularizer` names no regularizer: `L3`\navailable: L1, L2, L1L2")],
    );
    chain(
        "Input(784), Dense(3, bias_constraint = 2.0)",
        &[("2.0", "`Dense`: `bias_constraint` must be a constraint such as `MaxNorm(2.0)`, found `2.0`")],
    );
    chain(
        "Input(784), Dense(3, kernel_regularizer = L2(l1 = 0.1))",
        &[("l1", "`Dense`: `kernel_regularizer` gives `L2` an argument that it does not have\navailable: l2")],
    );
    chain(
        "Input(784), Dense(3, kernel_initializer = Zeros(3))",
        &[("3", "`Dense`: `kernel_initializer` gives `Zeros` an argument that it does not have\navailable: none")],
    );
    chain(
        "Input(784), Dense(3, kernel_regularizer = L2(0.1, l2 = 0.2))",
        &[("0.2", "`Dense`: `kernel_regularizer` gives `L2` the argument `l2` twice")],
    );
    chain(
        "Input(784), Dense(3, kernel_regularizer = L2(1e39))",
        &[("1e39", "`Dense`: `kernel_regularizer` has `l2`: expected a number, found `1e39`")],
    );
    chain(
        "Input(784), Dense(3, kernel_constraint = MaxNorm(axis = \"last\"))",
        &[(
            "\"last\"",
            "`Dense`: `kernel_constraint` has `axis`: expected a dimension or several in parentheses, counted from 0, \
             found `\"last\"`",
        )],
    );
    chain(
        "Input(784), Dense(3, kernel_initializer = HeNormal(seed = -1))",
        &[("-1", "`Dense`: `kernel_initializer` has `seed`: expected a seed of 0 or more, found `-1`")],
    );
    chain(
        "Input(784), Dense(3, kernel_initializer = VarianceScaling(mode = fan))",
        &[("fan", "`Dense`: `kernel_initializer` has `mode`: expected `fan_in`, `fan_out` or `fan_avg`, found `fan`")],
    );
}

#[test]
fn what_is_not_supported() {
    chain(
        "Input(784), Dense(3, quantization_config = int8, dtype = \"float16\")",
        &[
            (
                "int8",
                "`Dense`: `quantization_config` is not supported: train in f32; quantize the weights where they are used",
            ),
            (
                "\"float16\"",
                "`Dense`: `dtype` is `float16`, and weights are always f32: `mixed_float16` computes in float16 and keeps its weights in f32",
            ),
        ],
    );
    chain(
        "Input(784), Flatten(last)",
        &[("last", "`Flatten`: `data_format` must be `channels_last` or `channels_first`, found `last`")],
    );
    chain(
        "Input(batch_size = 32, shape = 4), Dense(3)",
        &[("batch_size", "`Input` has no batch: a model takes batches of any size; give the shape of one sample")],
    );
    chain("Input(784), Dense(3, dtype = None, quantization_config = None), Dropout(0.5, noise_shape = None)", &[]);
}

#[test]
fn dimensions_of_constraints() {
    chain("Input((9, 9, 2)), Conv2D(3, 2, kernel_constraint = MaxNorm(1.0, axis = [0, -3, -2]))", &[]);
    chain(
        "Input(4), Dense(3, kernel_constraint = UnitNorm((0, -2)), bias_constraint = UnitNorm(1))",
        &[
            ("UnitNorm((0, -2))", "`Dense`: `kernel_constraint` names dimension -2 of `kernel` twice"),
            (
                "UnitNorm(1)",
                "`Dense`: `bias_constraint` names dimension 1 of `bias`, which has 1 dimension, counted from 0",
            ),
        ],
    );
}

#[test]
fn limits_of_renormalization() {
    chain("Input(4), BatchNormalization(renorm = true, renorm_clipping = (rmax = 3, dmax = 1))", &[]);
    chain("Input(4), BatchNormalization(renorm = true, renorm_clipping = None)", &[]);
    chain(
        "Input(4), BatchNormalization(renorm = true, renorm_clipping = 3.0)",
        &[(
            "3.0",
            "`BatchNormalization`: `renorm_clipping` must be limits such as `(rmin = 0.3, rmax = 3.0, dmax = 5.0)`, found \
             `3.0`",
        )],
    );
    chain(
        "Input(4), BatchNormalization(renorm = true, renorm_clipping = (rmin = 0.5, rmax = 0.25))",
        &[(
            "(rmin = 0.5, rmax = 0.25)",
            "`BatchNormalization`: `renorm_clipping` must have an `rmax` of at least `rmin`, got 0.25 and 0.5",
        )],
    );
    chain(
        "Input(4), BatchNormalization(renorm = true, renorm_clipping = (rmin = 0.5, dmax = -1, dmax = 2))",
        &[("-1", "`BatchNormalization`: `renorm_clipping` must have a `dmax` of 0 or more, got -1")],
    );
    chain(
        "Input(4), BatchNormalization(renorm = true, renorm_clipping = (dmax = 1, dmax = 2))",
        &[("dmax = 2", "`BatchNormalization`: `renorm_clipping` gives `dmax` twice")],
    );
}
