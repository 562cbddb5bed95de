//! The forms of the macros, and several mistakes at once.

use crate::support::{Macro, expand};
use crate::{ACTIVATIONS, DENSE, chain, graph};

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
fn keras_of_an_unclosed_chain_is_told_by_sequential() {
    let code = expand(Macro::Keras, "type A = sequential!< Input(3), Dense(4); struct B;".parse().expect("tokens"));
    assert_eq!(code.to_string().replace(' ', ""), "::keras::sequential!{typeA<Input(3),Dense(4);}structB;");
}
