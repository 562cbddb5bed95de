//! The text of every mistake that the compiler can tell, and the tokens it points at.

mod support;

use proc_macro2::TokenStream;
use support::{Macro, expand, told};

/// A chain and what is told of it: the guilty tokens, and the message.
#[track_caller]
fn chain(source: &str, expected: &[(&str, &str)]) {
    check(Macro::Sequential, source, expected);
}

/// The same of a graph.
#[track_caller]
fn graph(source: &str, expected: &[(&str, &str)]) {
    check(Macro::Model, source, expected);
}

#[track_caller]
fn check(kind: Macro, source: &str, expected: &[(&str, &str)]) {
    let told = told(kind, source);
    let told: Vec<(&str, &str)> = told.iter().map(|(guilty, message)| (guilty.as_str(), message.as_str())).collect();
    assert_eq!(told, expected, "{source}");
}

const DENSE: &str = "available: units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, \
                     bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, lora_rank, lora_alpha, \
                     name, trainable";
const ACTIVATIONS: &str = "available: linear, relu, sigmoid, tanh, gelu, softmax";

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
        "Input(784), Conv2d(64, 3), Dense(10)",
        &[(
            "Conv2d",
            "`Conv2D` of Keras is not supported yet\nsupported: Input, Activation, Add, Concatenate, Dense, Dropout, \
             Flatten, Reshape",
        )],
    );
    graph(
        "struct M(x: [3]) { let e = Dence(5); e(e(x)) }",
        &[("Dence", &format!("unknown layer `Dence`; did you mean `Dense`?\n{hint}Dence(…)`"))],
    );
    chain(
        "Input(784), self::Mine(3), self::Block!(4), Dense(2)",
        &[
            (
                "self::Mine(3)",
                "layers of one's own are not supported yet; a built-in layer is a single word: `Dense(64)`",
            ),
            (
                "self::Block!(4)",
                "layers of one's own are not supported yet; a built-in layer is a single word: `Dense(64)`",
            ),
        ],
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
        "Input(784), Dense(64, \"swoosh\")",
        &[("\"swoosh\"", &format!("`Dense`: `activation` names no activation: `swoosh`\n{ACTIVATIONS}"))],
    );
    chain(
        "Input(784), Dense(64, relu(0.1))",
        &[(
            "0.1",
            "`Dense`: `activation` gives `relu` an argument that it does not take; `gelu(approximate = true)` is one",
        )],
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
        "Input(784), Dense(3, kernel_constraint = MaxNorm(axis = -1))",
        &[("-1", "`Dense`: `kernel_constraint` has `axis`: expected a dimension, counted from 0, found `-1`")],
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
            ("\"float16\"", "`Dense`: `dtype` is not supported: weights and activations are f32"),
        ],
    );
    chain(
        "Input(784), Dropout(0.5, noise_shape = (1, 2))",
        &[("(1, 2)", "`Dropout`: `noise_shape` is not supported: each element is dropped for itself")],
    );
    chain(
        "Input(784), Flatten(channels_first)",
        &[(
            "channels_first",
            "`Flatten`: `data_format` is not supported as `channels_first`; bring the data to channels_last",
        )],
    );
    chain("Input(784), Flatten(last)", &[("last", "`Flatten`: `data_format` must be `channels_last`, found `last`")]);
    chain(
        "Input(batch_size = 32, shape = 4), Dense(3)",
        &[("batch_size", "`Input` has no batch: a model takes batches of any size; give the shape of one sample")],
    );
    chain("Input(784), Dense(3, dtype = None, quantization_config = None), Dropout(0.5, noise_shape = None)", &[]);
}

#[test]
fn shapes() {
    chain(
        "Input(784), Reshape((28, 27)), Flatten, Reshape((3, 5))",
        &[(
            "(28, 27)",
            "Reshape: target_shape (28, 27) holds 756 values, its input (784) holds 784; write -1 for one dimension to have it \
         worked out",
        )],
    );
    chain(
        "Input(784), Reshape((10, -1))",
        &[(
            "(10, -1)",
            "Reshape: 784 values of an input (784) cannot be divided into 10; the dimension -1 must come out whole",
        )],
    );
    chain("Input(784), Reshape((-1, 2, -1))", &[("-1", "`Reshape`: `target_shape` can have only one dimension of -1")]);
    chain("Input(784), Reshape(())", &[("()", "`Reshape`: `target_shape` must have 1 to 6 dimensions, found 0")]);
    let sum = "Add: the inputs must have one shape, got (3) and (4); bring them to one shape with a `Dense` or `Reshape` \
               before the sum";
    graph("struct M(a: [3], b: [4]) { let c = a + b; Dense(3)(c) }", &[("+", sum)]);
    graph("struct M(a: [3], b: [4]) { Add()(a, b) }", &[("Add", sum)]);
    graph("struct M(a: [3], b: [4]) { Add()([a, b]) }", &[("Add", sum)]);
    graph(
        "struct M(a: [3, 2], b: [4, 3]) { Concatenate(1)(a, b) }",
        &[("Concatenate", "Concatenate: the inputs must agree in every dimension but axis 1, got (3, 2) and (4, 3)")],
    );
    graph(
        "struct M(a: [3, 2], b: [4]) { Concatenate()(a, b) }",
        &[("Concatenate", "Concatenate: the inputs must agree in every dimension but axis 2, got (3, 2) and (4)")],
    );
    for axis in ["2", "0", "-2"] {
        graph(
            &format!("struct M(a: [3]) {{ Concatenate(axis = {axis})(a, a) }}"),
            &[(axis, &format!("`Concatenate`: `axis` must be 1 or -1, got {axis} (0 is the batch)"))],
        );
    }
    graph(
        "struct M(a: [3, 4]) { Concatenate(3)(a, a) }",
        &[("3", "`Concatenate`: `axis` must be 1 to 2, or -2 to -1, got 3 (0 is the batch)")],
    );
    graph(
        "struct M(a: [3], b: [4]) { let e = Dense(5); (e(a), e(b)) }",
        &[("e(b)", "this shared layer was first called with 3 features, here it gets 4")],
    );
    graph("struct M(a: [3]) { Dense(5)(a, a) }", &[("Dense(5)(a, a)", "`Dense` takes one input, found 2")]);
    graph("struct M(a: [3]) { Add()(a) }", &[("Add()(a)", "`Add` takes two or more inputs, found 1")]);
    graph("struct M(a: [3]) { a + Add()([]) }", &[("Add()([])", "`Add` takes two or more inputs, found 0")]);
}

/// Rules that rustc has to evaluate are the same functions with the same numbers, so the text is the same; here it is
/// enough that each is asked.
#[test]
fn sizes_of_const_expressions() {
    for (kind, source, rule) in [
        (Macro::Sequential, "struct M< Input(784), Reshape((A, B)), Dense(3) >;", "reshape"),
        (Macro::Sequential, "struct M< Input(784), Reshape((A, -1)), Dense(3) >;", "reshape"),
        (Macro::Sequential, "struct M< Input(784), Dense(A) >;", "dense"),
        (Macro::Sequential, "struct M< Dense(A) >;", "dense"),
        (Macro::Sequential, "struct M< Input(A), Dense(3) >;", "input"),
        (Macro::Model, "struct M(a: [A], b: [B]) { a + b }", "add"),
        (Macro::Model, "struct M(a: [A, 3], b: [4, B]) { Concatenate()(a, b) }", "concatenate"),
        (Macro::Model, "struct M(a: [A], b: [B]) { let e = Dense(3); (e(a), e(b)) }", "shared"),
    ] {
        assert_eq!(told(kind, source), [], "{source}");
        let code = expand(kind, source.parse::<TokenStream>().expect("tokens")).to_string().replace(' ', "");
        let asked = format!("const_:()=::keras::__private::shapes::check(::keras::__private::shapes::rules::{rule}(");
        assert_eq!(code.matches(&asked).count(), 1, "{source}\n{code}");
    }
}

#[test]
fn inputs() {
    let needed = ": this layer needs a known input shape: start the model with `Input(…)`";
    // One mistake, however many layers need it.
    chain("Flatten, Dense(3), Reshape((3, 1))", &[("Flatten", &format!("`Flatten`{needed}"))]);
    chain("Dense(4), Reshape((2, 2))", &[("Reshape((2, 2))", &format!("`Reshape`{needed}"))]);
    let first = "`Input` can only be the first of a chain; `model!` takes several inputs";
    chain("Dense(3), Input(4)", &[("Input", first)]);
    chain("Input(3), Input(4), Dense(5)", &[("Input", first)]);
    chain(
        "Input(), Dense(3)",
        &[("Input()", "`Input` needs the shape of one sample, without the batch: `Input(784)`, `Input((28, 28))`")],
    );
    graph("struct M(a: [3], a: [4]) { a }", &[("a", "two inputs are named `a`")]);
    let shape = "expected the shape of one sample: `x: [784]`, or `x: [[f32; 28]; 28]`";
    graph("struct M(a) { a }", &[("a", shape)]);
    graph("struct M(a: f32) { a }", &[("f32", shape)]);
    graph("struct M(a: []) { a }", &[("[]", "an input needs at least one dimension: `x: [784]`")]);
    graph("struct M(a: [3] b: [4]) { a + b }", &[("b", "expected `,` before the next input")]);
    graph("struct M(a: [3],, b: [3]) { a + b }", &[(",", "expected an input before this `,`")]);
    graph("struct M() { x }", &[("", "a model needs at least one input: `(x: [784])`")]);
    graph("|| Dense(3)(a)", &[("", "a model needs at least one input: `(x: [784])`")]);
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

#[test]
fn forms_of_a_chain() {
    let empty = "a model needs at least one layer: `Input(784), Dense(10, softmax)`";
    chain("", &[("", empty)]);
    chain("<>", &[("", empty)]);
    chain("Input(784)", &[("Input(784)", empty)]);
    chain("struct Net<>;", &[("Net", empty)]);
    chain(",", &[(",", "expected a layer before this `,`")]);
    chain("Input(784),, Dense(3)", &[(",", "expected a layer before this `,`")]);
    chain("Input(784) Dense(3)", &[("Dense", "expected `,` before the next layer")]);
    chain("Input(784), 64, Dense(3)", &[("64", "expected a layer, such as `Dense(64, relu)`")]);
    let unclosed = "this `<` is not closed: expected `>` after the last layer";
    chain("< Input(784), Dense(3)", &[("<", unclosed)]);
    chain("pub struct Net< Input(784), Dense(3);", &[("<", unclosed)]);
    chain("Input(784), Dense(3) >", &[(">", "this `>` closes nothing: there is no `<` before the layers")]);
    let after = "expected nothing after the `>` that closes the model";
    chain("< Input(784), Dense(3) > Dense(4)", &[("Dense", after)]);
    chain("struct Net< Input(784), Dense(3) > where T: Copy;", &[("where", after)]);
    chain(
        "struct Net<T: Copy>< Input(784), Dense(3) >;",
        &[("<", "a model has no generic parameters; its layers stand in `<…>`")],
    );
    chain(
        "struct Net< Input(784), Dense(3) >; struct Other< Dense(3) >;",
        &[("struct", "expected nothing after `;`: one model for each `sequential!`")],
    );
    let listed = "expected `<` and the layers: `struct Net< Input(784), Dense(10, softmax) >;`";
    chain("struct Net;", &[(";", listed)]);
    chain("struct Net(Input(784), Dense(3));", &[("(", listed)]);
    let item = "expected `struct Name< Input(…), … >;`";
    chain("pub Net< Input(784), Dense(3) >;", &[("Net", item)]);
    chain("Net< Input(784), Dense(3) >", &[("Net", item)]);
    chain("pub fn f() {}", &[("fn", item)]);
    chain("struct fn< Dense(3) >;", &[("fn", "expected identifier, found keyword `fn`")]);
    chain(
        "#[cfg(test)] #[repr(packed)] struct Net< Dense(3) >;",
        &[
            ("#[cfg(test)]", "write `#[cfg(…)]` before the macro's call: it decides on the whole model"),
            ("#[repr(packed)]", "a model is `repr(C)` already, and cannot be laid out otherwise"),
        ],
    );
}

#[test]
fn forms_of_a_graph() {
    let output = "a model needs an output: end the block with a value or a tuple of values";
    graph("struct M(a: [3]) { }", &[("{ }", output)]);
    graph("struct M(a: [3]) { let x = Dense(3)(a); }", &[("let x = Dense(3)(a);", output)]);
    graph("struct M(a: [3]) { Dense(3)(a); }", &[(";", "a model ends with its output: leave out this `;`")]);
    let bind = "expected `let name = …;`: a model is made of layers and their calls";
    graph("struct M(a: [3]) { x = Dense(3)(a); x }", &[("x = Dense(3)(a);", bind)]);
    graph("struct M(a: [3]) { let x; a }", &[("let x;", "expected a layer or a value: `let h = Dense(64)(x);`")]);
    graph("struct M(a: [3]) { let x = a else { return }; x }", &[("else", "a model has no `else`")]);
    graph(
        "struct M(a: [3]) { let x: T = Dense(3)(a); x }",
        &[("T", "a value has the type that comes out: write `let name = …;`")],
    );
    graph("struct M(a: [3]) { let [x] = Dense(3)(a); a }", &[("[x]", "expected a name")]);
    graph(
        "struct M { x }",
        &[("{", "expected the inputs in parentheses: `struct M(x: [784]) { Dense(10, softmax)(x) }`")],
    );
    graph("struct M(a: [3]) -> [3] { a }", &[("-", "the shapes of the outputs are worked out: leave out `->`")]);
    graph(
        "struct M(a: [3]) { a } struct N(a: [3]) { a }",
        &[("struct", "expected nothing after the block: one model for each `model!`")],
    );
    graph("|a: [3] Dense(3)(a)", &[("|", "this `|` is not closed: `|x: [784]| Dense(10, softmax)(x)`")]);
    graph("Dense(3)", &[("Dense", "expected `struct Name(input: [784]) { … }` or `|input: [784]| { … }`")]);
}

#[test]
fn values_of_a_graph() {
    graph(
        "struct M(a: [3]) { let hidden = Dense(3)(a); Dense(2)(hiden) }",
        &[("hiden", "there is no value `hiden` here; did you mean `hidden`?")],
    );
    graph(
        "struct M(a: [3]) { let encoder = Dense(5); encodr(a) }",
        &[("encodr", "there is no layer `encodr` here; did you mean `encoder`?")],
    );
    graph("struct M(a: [3]) { dense(5)(a) }", &[("dense", "there is no layer `dense` here; did you mean `Dense`?")]);
    graph("struct M(a: [3]) { let e = Dense(5); e }", &[("e", "`e` is a layer, not a value: call it, `e(x)`")]);
    let layer = "`Dense` is a layer, not a value: call it, `Dense(…)(x)`";
    graph("struct M(a: [3]) { Dense(5) }", &[("Dense(5)", layer)]);
    graph("struct M(a: [3]) { Dense }", &[("Dense", layer)]);
    graph("struct M(a: [3]) { Dense(5) + a }", &[("Dense(5)", layer)]);
    graph("struct M(a: [3]) { a(a) }", &[("a", "this is a value, not a layer: only a layer can be called")]);
    graph(
        "struct M(a: [3]) { let (x, y) = Dense(5)(a); x + y }",
        &[("Dense(5)(a)", "`Dense` gives 1 result, bound to 2 names")],
    );
    graph("struct M(a: [3]) { let (x, y) = a; x + y }", &[("a", "this is one value, bound to 2 names")]);
    let plus = "only `+` is defined on values; use a layer, such as `Concatenate()(a, b)`";
    graph("struct M(a: [3], b: [3]) { a - b }", &[("-", plus)]);
    graph("struct M(a: [3], b: [3]) { let c = a * b; Dense(3)(c) }", &[("*", plus)]);
    let value = "expected a value: an input, or a layer's call such as `Dense(64)(x)`";
    graph("struct M(a: [3]) { 3 }", &[("3", value)]);
    graph("struct M(a: [3]) { a.relu() }", &[("a.relu()", value)]);
    // What no output depends on would have weights without a gradient.
    let unused = "what this gives is not used; leave it out or use it";
    graph("struct M(a: [3]) { let h = Dense(5)(a); a }", &[("Dense(5)(a)", unused)]);
    graph("struct M(a: [3]) { let _ = Dense(5)(a); a }", &[("Dense(5)(a)", unused)]);
    graph(
        "struct M(a: [3]) { let h = Dense(5); a }",
        &[("Dense", "this layer is never called; leave it out or call it")],
    );
    graph("struct M(a: [3], b: [4]) { Dense(3)(a) }", &[("b", "the input `b` is not used; leave it out or use it")]);
}

#[test]
fn all_at_once_in_the_order_of_the_source() {
    chain(
        "Input(784), Dense(0), Dropout(2.0), Dence(3), Dense(64, rleu, nmae = x), Reshape((-1, -1)), 64, Dense(3,,)",
        &[
            ("0", "`Dense`: `units` must be at least 1, got 0"),
            ("2.0", "`Dropout`: `rate` must lie between 0 and 1, got 2.0"),
            (
                "Dence",
                "unknown layer `Dence`; did you mean `Dense`?\nfor a layer of your own write a path: `self::Dence(…)`",
            ),
            (
                "rleu",
                &format!("`Dense`: `activation` names no activation: `rleu`; did you mean `relu`?\n{ACTIVATIONS}"),
            ),
            ("nmae", &format!("`Dense` has no argument `nmae`; did you mean `name`?\n{DENSE}")),
            ("-1", "`Reshape`: `target_shape` can have only one dimension of -1"),
            ("64", "expected a layer, such as `Dense(64, relu)`"),
            (",", "expected an argument before this `,`"),
        ],
    );
    graph(
        "struct M(a: [0], b) { let h = Dence(3)(a); let g = Dense(-1)(h); (gg, a - b, Dense(g)) }",
        &[
            ("0", "`Input`: a dimension must be at least 1, got 0"),
            ("b", "expected the shape of one sample: `x: [784]`, or `x: [[f32; 28]; 28]`"),
            (
                "Dence",
                "unknown layer `Dence`; did you mean `Dense`?\nfor a layer of your own write a path: `self::Dence(…)`",
            ),
            ("-1", "`Dense`: `units` must be at least 1, got -1"),
            ("gg", "there is no value `gg` here; did you mean `g`?"),
            ("-", "only `+` is defined on values; use a layer, such as `Concatenate()(a, b)`"),
            ("Dense(g)", "`Dense` is a layer, not a value: call it, `Dense(…)(x)`"),
        ],
    );
}

#[test]
fn nothing_follows_from_a_mistake() {
    // The layers behind it are silent on shapes, and not on what is theirs.
    chain(
        "Input(784), Reshape((28, 27)), Reshape((5, 5)), Concatenate, Dense(0)",
        &[
            (
                "(28, 27)",
                "Reshape: target_shape (28, 27) holds 756 values, its input (784) holds 784; write -1 for one dimension to \
             have it worked out",
            ),
            (
                "Concatenate",
                "`Concatenate` takes two or more inputs, found 1; a chain gives each layer one input: use `model!`",
            ),
            ("0", "`Dense`: `units` must be at least 1, got 0"),
        ],
    );
    chain("64, Flatten, Reshape((3, 4))", &[("64", "expected a layer, such as `Dense(64, relu)`")]);
    graph(
        "struct M(a: [3]) { h = Dense(4)(a); let g = encodr(h); Dense(2)(g + a) }",
        &[
            ("h = Dense(4)(a);", "expected `let name = …;`: a model is made of layers and their calls"),
            ("encodr", "there is no layer `encodr` here"),
        ],
    );
}

#[test]
fn keras_of_an_unclosed_chain_is_told_by_sequential() {
    let code = expand(Macro::Keras, "type A = sequential!< Input(3), Dense(4); struct B;".parse().expect("tokens"));
    assert_eq!(code.to_string().replace(' ', ""), "::keras::sequential!{typeA<Input(3),Dense(4);}structB;");
}
