//! Names of layers and of arguments.

use crate::{DENSE, SUPPORTED, chain, graph};

#[test]
fn unknown_layers() {
    let hint = "for a layer of your own write a path: `self::";
    chain(
        "Input(784), Dence(64), Dense(10)",
        &[("Dence", &format!("unknown layer `Dence`; did you mean `Dense`?\n{hint}Dence(…)`"))],
    );
    chain("Input(784), Gate(64), Dense(10)", &[("Gate", &format!("unknown layer `Gate`\n{hint}Gate(…)`"))]);
    chain("dense(64)", &[("dense", &format!("unknown layer `dense`; did you mean `Dense`?\n{hint}dense(…)`"))]);
    chain("Inptu(784), Flatten, Dense(3)", &[("Inptu", "unknown layer `Inptu`; did you mean `Input`?")]);
    chain(
        "Input(784), Randomflip, Dense(10)",
        &[("Randomflip", &format!("`RandomFlip` of Keras is not supported yet\n{SUPPORTED}"))],
    );
    graph(
        "struct M(x: [3]) { let e = Dence(5); e(e(x)) }",
        &[("Dence", &format!("unknown layer `Dence`; did you mean `Dense`?\n{hint}Dence(…)`"))],
    );
}

#[test]
fn layers_by_path() {
    let by_name = "a layer of one's own takes its arguments by position; by name there are `name`, `trainable`, \
                   `dtype` and `output_shape`, found `units`";
    chain("Input(784), self::Mine(units = 3), Dense(2)", &[("units", by_name)]);
    chain(
        "Input(784), self::Mine(3, trainable = 1), Dense(2)",
        &[("1", "`trainable` must be `true` or `false`, found `1`")],
    );
    chain(
        "Input(784), self::Mine(3, output_shape = []), Dense(2)",
        &[("[]", "`output_shape` has 1 to 6 dimensions: `[4, 8]`")],
    );
    chain(
        "Input(784), self::Mine(3, output_shape = [4, 0]), Dense(2)",
        &[("0", "`output_shape`: a dimension must be at least 1, got 0")],
    );
    chain("Input(784), self::Mine(3, name = 5), Dense(2)", &[("5", "`name` must be a word, found `5`")]);
    chain(
        "Dense(4), self::Mine(3), Dense(2)",
        &[("self::Mine", "`Mine`: this layer needs a known input shape: start the model with `Input(…)`")],
    );
    chain(
        "Input(4, dtype = u8), self::Base, Dense(2)",
        &[("self::Base", "`Base`: expected an input of f32, found one of u8")],
    );
    graph(
        "struct M(x: [3]) { Concatenate(axis = 1)(self::Base()(x), x) }",
        &[(
            "Concatenate(axis = 1)(self::Base()(x), x)",
            "`Concatenate`: how many dimensions its input has is known to rustc only; say it where the input is made: \
             `self::Name(…, output_shape = [4, 8])`",
        )],
    );
    graph("struct M(x: [3]) { Concatenate(axis = 1)(self::Base(output_shape = [3])(x), x) }", &[]);
    chain(
        "Input(4), self::Mine(3), Concatenate(), Dense(2)",
        &[(
            "Concatenate",
            "`Concatenate` takes two or more inputs, found 1; a chain gives each layer one input: use `model!`",
        )],
    );
    graph(
        "struct M(x: [3], y: [3]) { Dense(2)(self::Base()(x, y)) }",
        &[("self::Base()(x, y)", "`Base` takes one input, found 2")],
    );
    graph(
        "struct M(x: [3]) { let (a, b) = self::Base()(x); Dense(2)(a + b) }",
        &[("self::Base()(x)", "`Base` gives 1 result, bound to 2 names")],
    );
}

#[test]
fn unknown_arguments() {
    chain(
        "Input(784), Dense(64, activaton = relu)",
        &[("activaton", &format!("`Dense` has no argument `activaton`; did you mean `activation`?\n{DENSE}"))],
    );
    // What was meant is not said to be missing.
    chain(
        "Input(784), Dense(unitz = 4)",
        &[("unitz", &format!("`Dense` has no argument `unitz`; did you mean `units`?\n{DENSE}"))],
    );
    chain(
        "Input(784), Dense(4, padding = same)",
        &[("padding", &format!("`Dense` has no argument `padding`\n{DENSE}"))],
    );
    chain("Input(784, size = 3), Dense(4)", &[("size", "`Input` has no argument `size`\navailable: shape, dtype")]);
    chain(
        "Input(784), Flatten, Add(3), Dense(3)",
        &[
            ("Add", "`Add` takes two or more inputs, found 1; a chain gives each layer one input: use `model!`"),
            ("3", "`Add` takes no arguments by position"),
        ],
    );
    chain("Input(784), Activation(relu, relu)", &[("relu", "`Activation` takes one argument by position")]);
    chain("Input(784), Dropout(0.5, None, 3, 4)", &[("4", "`Dropout` takes 3 arguments by position at the most")]);
    graph("struct M(a: [3]) { Subtract()(a, a, a) }", &[("Subtract", "`Subtract` takes two inputs, found 3")]);
    graph(
        "struct M(a: [3], m: [2]) { Softmax()(a, mask = m) + Softmax()(a, mask = [m, m]) }",
        &[
            ("Softmax", "Softmax: `mask` must have the dimensions of the input, (3), or 1 in place of some, found (2)"),
            ("Softmax", "`Softmax`: `mask` must be one value, found 2"),
        ],
    );
    graph(
        "struct M(a: [3], b: [3]) { let n = BatchNormalization(renorm = true); n(a) + n(b) }",
        &[(
            "n(b)",
            "`BatchNormalization` is called a second time, and with `renorm = true` can be called once: give each call a layer of its own, or leave out `renorm`",
        )],
    );
    graph(
        "struct M(a: [3]) { Dense(5)(a, mask = true) }",
        &[("mask", "`Dense` is not called with an argument `mask`")],
    );
}

#[test]
fn missing_arguments() {
    chain(
        "Input(784), Dense(activation = relu)",
        &[("Dense(activation = relu)", "`Dense` needs the argument `units`")],
    );
    chain(
        "Input(784), Dense, Dropout(), Reshape, Activation",
        &[
            ("Dense", "`Dense` needs the argument `units`"),
            ("Dropout()", "`Dropout` needs the argument `rate`"),
            ("Reshape", "`Reshape` needs the argument `target_shape`"),
            ("Activation", "`Activation` needs the argument `activation`"),
        ],
    );
}

#[test]
fn arguments_given_wrongly() {
    chain("Input(784), Dense(64, units = 64)", &[("units", "`Dense`: the argument `units` is given twice")]);
    chain("Input(784), Dense(64, name = a, name = b)", &[("name", "`Dense`: the argument `name` is given twice")]);
    chain(
        "Input(784), Dense(units = 64, relu)",
        &[("relu", "`Dense`: an argument by position cannot follow one by name (`units = …`)")],
    );
    chain("Input(784), Dense(units: 64)", &[(":", "an argument is given with `=`: `units = …`")]);
    chain("Input(784), Dense(\"units\" = 64)", &[("\"units\"", "expected the name of an argument before `=`")]);
    chain("Input(784), Dense(units = units = 64)", &[("units = 64", "expected one `=` and a value after it")]);
    chain("Input(784), Dense(units == 64)", &[("units == 64", "`Dense`: `units` must be a size, found `units == 64`")]);
    chain("Input(784), Dense(64 relu)", &[("relu", "expected `,` before the next argument")]);
    chain("Input(784), Dense(64,,)", &[(",", "expected an argument before this `,`")]);
    chain("Input(784), Dense[64]", &[("[", "a layer's arguments stand in parentheses: `Dense(64, relu)`")]);
}

#[test]
fn names_of_layers() {
    let field = "`Dense`: `name` must be a word that can name a field of the model's struct, found";
    for name in ["a b", "", "1a", "fn", "self", "Self", "crate", "type", "async", "gen", "_", "r#type", "a.b"] {
        chain(
            &format!("Input(784), Dense(3, name = \"{name}\")"),
            &[(&format!("\"{name}\""), &format!("{field} `{name}`"))],
        );
    }
    chain("Input(784), Dense(3, name = r#type)", &[("r#type", &format!("{field} `r#type`"))]);
    chain("Input(784), Dense(3, name = 3)", &[("3", "`Dense`: `name` must be a word, found `3`")]);
    chain(
        "Input(784), Dense(3, name = a), Flatten, Dense(4, name = \"a\")",
        &[("\"a\"", "two layers are named `a`; names of layers must differ")],
    );
    // A given name keeps the layers without one from having it.
    chain("Input(784), Dense(3), Dense(3, name = dense), Dense(3, name = dense_1), Dense(3)", &[]);
}
