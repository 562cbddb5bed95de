//! What `gradient!` tells of mistakes, with the tokens that each message points at.

use keras_compiler::{Errors, gradient};
use proc_macro2::TokenStream;

/// The mistakes in the order in which they are told: the guilty tokens as they were written, and the message.
fn told(source: &str) -> Vec<(String, String)> {
    let tokens: TokenStream = source.parse().expect("tokens");
    let mut errors = Errors::default();
    let code = gradient::compile(tokens, &mut errors);
    syn::parse2::<syn::File>(code.clone()).unwrap_or_else(|error| panic!("{error}:\n{code}"));
    errors.sorted().iter().map(|error| (error.span().source_text().unwrap_or_default(), error.to_string())).collect()
}

/// Asserts that one mistake is told, on these tokens, in a message that begins so.
#[track_caller]
fn one(source: &str, at: &str, message: &str) {
    let told = told(source);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == at && told[0].1.starts_with(message), "{told:#?}");
}

/// The same in the body of a function of a matrix, a vector and a number.
#[track_caller]
fn body(body: &str, at: &str, message: &str) {
    one(&format!("fn f(w: [[f32; 3]; 4], b: [f32; 3], s: f32; x: [f32; 4]) -> f32 {{ {body} }}"), at, message);
}

#[test]
fn shapes_that_do_not_fit() {
    body("(w + x).sum()", "+", "`+`: the shapes [4, 3] and [4] do not fit together; from the last dimension on");
    body("(x * w).sum()", "*", "`*`: the shapes [4] and [4, 3] do not fit together; `*` goes element by element");
    body("(b - x).sum()", "-", "`-`: the shapes [3] and [4] do not fit together");
    body("(s / (b / x)).sum()", "/", "`/`: the shapes [3] and [4] do not fit together");
    body("max(b, x).sum()", "max", "`max`: the shapes [3] and [4] do not fit together");
    body(
        "w.matmul(x).sum()",
        "matmul",
        "`matmul`: the shapes [4, 3] and [4] do not fit together; the inner sizes 3 and 4",
    );
    body(
        "dot(b, x)",
        "dot",
        "`dot`: the shapes [3] and [4] do not fit together; the inner sizes 3 and 4 must be equal",
    );
    body("dot(b, s)", "dot", "`dot`: the shapes [3] and a number do not fit together; expected vectors or matrices");
    body("b", "b", "the function gives a number, this has the shape [3]: end with `.sum()` or `.mean()`");
    body("let mut v = b; v = x; v.sum()", "=", "`v` keeps its shape: expected the shape [3], found [4]");
    body("let mut v = s; v += x; v", "+=", "`v` keeps its shape: expected the shape a number, found [4]");
    body("let v: [f32; 2] = b; v.sum()", "[f32; 2]", "this type: expected the shape [2], found [3]");
    body("let v = if s > 0.0 { b } else { x }; v.sum()", "else", "both branches give the same shape: expected");
    body("let v = [s, x]; s", "x", "the elements of an array have one shape: expected the shape a number, found [4]");
    body("s.softmax()", "softmax", "`softmax` is over the last dimension: expected a vector, found a number");
    body("b.transpose().sum()", "transpose", "`transpose` expects a matrix, found the shape [3]");
    body("w.sum(2)", "2", "there is no axis 2: the shape is [4, 3]");
    body("if b > 0.0 { s } else { 0.0 }", ">", "a condition compares numbers, this has the shape [3]");
}

#[test]
fn mistakes_do_not_hide_each_other_nor_repeat() {
    let told = told(
        "fn f(w: [f32; 3]; x: [f32; 4]) -> f32 {
            let a = w + x;
            let b = a * 2.0 + wieght;
            let c = rleu(w);
            (a + b + c).sum()
        }",
    );
    let at: Vec<&str> = told.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(at, ["+", "wieght", "rleu"], "{told:#?}");
    assert!(told[2].1.starts_with("unknown function `rleu`; did you mean `relu`?\navailable: linear, relu,"));
}

#[test]
fn names() {
    let near = "unknown variable `wieghts`; did you mean `weights`?";
    one("fn f(weights: f32) -> f32 { wieghts * 2.0 }", "wieghts", near);
    body("q * s", "q", "unknown variable `q`");
    body("let t = { let inner = s; inner }; t + inner", "inner", "unknown variable `inner`");
    body("foo(s)", "foo", "unknown function `foo`\navailable: ");
    body("s.powi(0.5)", "0.5", "the power of `powi` is a whole number: `x.powf(0.5)` takes others");
    body("elu(s, b)", "b", "`alpha` of `elu` is a number that is written out, found `b`");
    body("relu(s, 1.0)", "relu", "`relu` takes 1 value, the one before the point included; found 2");
    body("threshold(s)", "threshold", "`threshold` takes 3 values, the one before the point included; found 1");
}

#[test]
fn numbers() {
    body("s * 2", "2", "a number of type `f32` has a point: write `2.0`");
    body("s * 2.0f64", "2.0f64", "all numbers are of one type: the result is `f32`, this is `f64`");
    body("for i in 0..3 { s * 2.0 } s", "{ s * 2.0 }", "the body of a loop gives no value: assign it to a variable");
    body(
        "let mut t = s; for i in 0..3 { t *= i; } t",
        "i",
        "the loop variable `i` is a whole number: write `(i as f32)`",
    );
    body("(s as f32)", "s as f32", "only whole numbers are turned into `f32`");
    body("s % 2.0", "%", "`%` gives no gradient: `gradient!` knows numbers, variables");
    body("if s { 1.0 } else { s }", "s", "expected a condition");
    body("s > 0.0", ">", "`>` gives no gradient");
}

#[test]
fn places() {
    body("b[3]", "3", "the index 3 is outside: the shape is [3], so it is less than 3");
    body("w[4][0]", "4", "the index 4 is outside: the shape is [4, 3], so it is less than 4");
    body("s[0]", "0", "a number has no elements");
    body("b[s]", "s", "`s` is not a whole number");
    let turns = |place: &str| format!("let mut t = 0.0; for i in 0..4 {{ t += {place}; }} t * s");
    body(&turns("b[i]"), "i", "the index 3 is outside: the shape is [3], so it is less than 3");
    body(&turns("x[i + 1]"), "i + 1", "the index 4 is outside: the shape is [4]");
    body(&turns("x[i - 1]"), "i - 1", "the index -1 is outside: it cannot be negative");
    body(&turns("x[i / 2]"), "/", "places are worked out with `+`, `-` and `*` only");
    assert_eq!(told(&format!("fn f(s: f32; x: [f32; 9]) -> f32 {{ {} }}", turns("x[2 * i + 1 + (3 - i)]"))).len(), 1);
    assert_eq!(told(&format!("fn f(s: f32; x: [f32; 9]) -> f32 {{ {} }}", turns("x[2 * i + 1]"))), []);
}

#[test]
fn statements() {
    let known = "`gradient!` knows `let`, `if`, `for` over a range, and assignments";
    body("s += 1.0; s", "s", "`s` is assigned to: write `let mut s`");
    body("while s > 0.0 { } s", "while s > 0.0 { }", "the number of turns must be known");
    body("return s", "return s", "the function gives what its last expression gives: leave out `return`");
    body("match s { _ => s }", "match s { _ => s }", "`match s { _ => s }` has no gradient");
    body("use std::f32; s", "use std::f32;", known);
    body("println!(\"{s}\"); s", "println!(\"{s}\");", known);
    body("let (_, _) = s; s", "(_, _)", "expected one name: `let x = …;`");
    body("let t = (s, s); s", "(s, s)", "`(s, s)` has no gradient");
    body("s.exp(); s", "s.exp()", "this value is not used; leave it out or use it");
    body("for i in b { } s", "b", "expected a range such as `0..N`");
    body("for i in 3..1 { } s", "3..1", "this range ends before it begins: 3 is larger than 1");
    body("for i in 0..2 { for j in 0..i { } } s", "i", "the ends of a range are numbers or consts");
    body("let a = if s > 0.0 { s }; s", "if s > 0.0 { s }", "both branches must give a value");
    body("let a = s;", "}", "the block gives no value: end it with an expression, without `;`");
}

#[test]
fn signatures() {
    one("fn f(; x: f32) -> f32 { x }", "(; x: f32)", "expected parameters before the `;`");
    one("fn f(x: [i32; 3]) -> f32 { x.sum() }", "i32", "expected `f32` or an array of it");
    one(
        "fn f(x: [f64; 3]) -> f32 { x.sum() }",
        "f64",
        "all numbers are of one type: the result is `f32`, this is `f64`",
    );
    one("fn f(x: &[f32; 3]) -> f32 { x.sum() }", "&[f32; 3]", "parameters are written by value");
    one("fn f(x: f32, x: f32) -> f32 { x }", "x", "two parameters are named `x`");
    one("fn f(x: f32) -> [f32; 3] { [x; 3] }", "[f32; 3]", "a gradient is that of a number");
    one("fn f(x: f32) { x }", "{", "expected `-> f32`: a gradient is that of a number");
    one("fn f<T>(x: T) -> f32 { x }", "T", "`gradient!` is generic over sizes only");
    one("struct F;", "struct", "expected a function");
    one("fn f(x: f32) -> f32 { x } fn g(x: f32) {}", "{", "expected `-> f32`: a gradient is that of a number");
    one("fn f(mut x: f32) -> f32 { x }", "mut", "parameters are not changed");
    one("fn f(x) -> f32 { x }", "x", "expected the type of `x`");
}

#[test]
fn sizes_that_only_rustc_knows_are_checked_by_it() {
    let code = keras_compiler::gradient(
        "fn f(w: [f32; N]; x: [f32; 3], y: [f32; N]) -> f32 { (w * x + y).sum() }".parse().expect("tokens"),
    );
    let code = code.to_string().replace(char::is_whitespace, "");
    assert_eq!(code.matches("assert!(N==3,").count(), 1, "{code}");
    assert!(code.contains("\"`*`:theshapes[N]and[3]donotfittogether"), "{code}");
}
