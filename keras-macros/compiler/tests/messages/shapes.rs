//! Shapes and inputs.

use proc_macro2::TokenStream;

use crate::support::{Macro, expand, told};
use crate::{chain, graph};

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
        (Macro::Model, "struct M(a: [A], b: [B]) { a + b }", "merge"),
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
