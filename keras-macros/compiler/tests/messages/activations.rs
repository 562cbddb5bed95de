//! Activations with arguments, and the layers that are one.

use crate::{ACTIVATIONS, chain};

fn dense(activation: &str, guilty: &str, message: &str) {
    chain(&format!("Input(4), Dense(3, {activation})"), &[(guilty, &format!("`Dense`: `activation` {message}"))]);
}

#[test]
fn names() {
    dense(
        "leaky_rleu",
        "leaky_rleu",
        &format!("names no activation: `leaky_rleu`; did you mean `leaky_relu`?\n{ACTIVATIONS}"),
    );
    dense("\"swsh\"", "\"swsh\"", &format!("names no activation: `swsh`; did you mean `swish`?\n{ACTIVATIONS}"));
    dense(
        "LeakyReLU",
        "LeakyReLU",
        &format!("names no activation: `LeakyReLU`; did you mean `leaky_relu`?\n{ACTIVATIONS}"),
    );
    chain("Input(4), Dense(3, swish), Dense(3, \"hard_swish\"), Activation(hard_silu)", &[]);
}

#[test]
fn arguments() {
    let none = "an argument that it does not have\navailable:";
    dense("elu(slope = 1)", "slope", &format!("gives `elu` {none} alpha"));
    dense("tanh(3)", "3", &format!("gives `tanh` {none} none"));
    dense("relu(0, 1, 2, 3)", "3", &format!("gives `relu` {none} negative_slope, max_value, threshold"));
    dense("elu(1.0, alpha = 2.0)", "2.0", "gives `elu` the argument `alpha` twice");
    dense(
        "threshold(1.0)",
        "threshold(1.0)",
        "needs the argument `default_value`: `threshold(threshold = 1.0, default_value = 0.0)`",
    );
    chain("Input(4), Dense(3, threshold(1.0, 2.0)), Activation(relu(max_value = 6))", &[]);
    chain("Input(4), Dense(3, elu(ALPHA)), Activation(relu(0.1, None, cfg::THRESHOLD))", &[]);
}

#[test]
fn values() {
    dense("elu(alpha = 0)", "0", "has `alpha`: expected a number of more than 0, found `0`");
    dense("celu(-1.0)", "-1.0", "has `alpha`: expected a number of more than 0, found `-1.0`");
    dense("relu(max_value = -6)", "-6", "has `max_value`: expected a number of 0 or more, found `-6`");
    dense("hard_shrink(\"0.5\")", "\"0.5\"", "has `threshold`: expected a number, found `\"0.5\"`");
    dense("leaky_relu(None)", "None", "has `negative_slope`: expected a number, found `None`");
    dense("gelu(1)", "1", "has `approximate`: expected `true` or `false`, found `1`");
    dense("gelu(approximate = True)", "True", "has `approximate`: expected `true` or `false`, found `True`");
}

#[test]
fn layers_that_are_activations() {
    chain(
        "Input(4), ReLU(-1.0), ReLU(negative_slope = -0.1), LeakyReLU(-0.1), ELU(0)",
        &[
            ("-1.0", "`ReLU`: `max_value` must be 0 or more, got -1.0"),
            ("-0.1", "`ReLU`: `negative_slope` must be 0 or more, got -0.1"),
            ("-0.1", "`LeakyReLU`: `negative_slope` must be 0 or more, got -0.1"),
            ("0", "`ELU`: `alpha` must be more than 0, got 0"),
        ],
    );
    chain("Input(4), LeakyReLU(None)", &[("None", "`LeakyReLU`: `negative_slope` must be a number, found `None`")]);
    chain("Input(4), Rescaling(offset = 1)", &[("Rescaling(offset = 1)", "`Rescaling` needs the argument `scale`")]);
    chain(
        "Input(4), LeakyReLU(alpha = 0.1)",
        &[("alpha", "`LeakyReLU` has no argument `alpha`\navailable: negative_slope, name, trainable, dtype")],
    );
    chain(
        "Input(4), Relu",
        &[(
            "Relu",
            "unknown layer `Relu`; did you mean `ReLU`?\nfor a layer of your own write a path: `self::Relu(…)`",
        )],
    );
}

#[test]
fn axes() {
    let range = "must be 1 to 2, or -2 to -1, got";
    chain(
        "Input((2, 3)), Softmax(axis = 3), Softmax(0), Activation(log_softmax(-3)), UnitNormalization((1, 1))",
        &[("3", &format!("`Softmax`: `axis` {range} 3 (0 is the batch)"))],
    );
    chain("Input((2, 3)), Softmax(0)", &[("0", &format!("`Softmax`: `axis` {range} 0 (0 is the batch)"))]);
    chain(
        "Input((2, 3)), Activation(log_softmax(-3))",
        &[("log_softmax(-3)", &format!("`Activation`: `activation` {range} -3 (0 is the batch)"))],
    );
    chain(
        "Input((2, 3)), UnitNormalization((1, -2))",
        &[("(1, -2)", "`UnitNormalization`: `axis` names a dimension twice: -2")],
    );
    chain(
        "Input(4), Softmax(axis = last)",
        &[("last", "`Softmax`: `axis` must be an integer or several in parentheses, found `last`")],
    );
    dense("glu(axis = (1, 2))", "(1, 2)", "has `axis`: expected an integer, found `(1, 2)`");
    chain(
        "Input(5), Activation(glu)",
        &[("glu", "glu: dimension 1 of (5) must be even, since its second half gates the first")],
    );
    chain(
        "Activation(glu), Dense(4)",
        &[("glu", "`Activation`: `glu` needs a known input shape: start the model with `Input(…)`")],
    );
}
