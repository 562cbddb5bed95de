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
    body("let mut v = s; v += x; v", "+=", "`v` keeps its shape: expected a number, found the shape [4]");
    body("let v: [f32; 2] = b; v.sum()", "[f32; 2]", "this type: expected the shape [2], found [3]");
    body("let v = if s > 0.0 { b } else { x }; v.sum()", "else", "both branches give the same shape: expected");
    body("let v = [s, x]; s", "x", "the elements of an array have one shape: expected a number, found the shape [4]");
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
    body("let t = s; t += 1.0; t", "t", "`t` is assigned to: write `let mut t`");
    body("s += 1.0; s", "s", "parameters are not changed: write `let mut s = s;` before");
    body("w[0][1] = s; s", "w", "parameters are not changed: write `let mut w = w;` before");
    body("while s > 0.0 { } s", "while s > 0.0 { }", "the number of turns must be known");
    body("return s", "return s", "the function gives what its last expression gives: leave out `return`");
    body("match s { _ => s }", "match s { _ => s }", "`match` has no gradient: write `if a > b { x } else { y }`");
    body("use std::f32; s", "use std::f32;", known);
    body("println!(\"{s}\"); s", "println", "`println!` is not known: `gradient!` knows `let`");
    body("let (_, _) = s; s", "(_, _)", "expected one name for each `let`: `let x = …;`");
    body("let t = (s, s); s", "(s, s)", "a tuple has no gradient: write an array");
    body("s.exp(); s", "s.exp()", "this value is not used; leave it out or use it");
    body("for i in b { } s", "b", "expected a range such as `0..N`");
    body("for i in 3..1 { } s", "3..1", "this range ends before it begins: 3 is larger than 1");
    body("for i in 0..2 { for j in 0..i { } } s", "i", "the ends of a range are numbers, consts or sizes");
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

#[test]
fn nothing_follows_from_a_mistake() {
    body("while s > 1.0 { } s", "while s > 1.0 { }", "the number of turns must be known: write `for i in 0..10`");
    body("for i in 0..4 { break; } s", "break", "every turn of a loop is taken to its end");
    body("for i in 0..4 { if x[i] > 0.0 { continue; } } s", "continue", "every turn of a loop is taken to its end");
    body(
        "if s > 0.0 { return s; } 2.0 * s",
        "return s",
        "the function gives what its last expression gives: leave out",
    );
    body("let m = |a| a * 2.0; m(s)", "|a| a * 2.0", "a closure has no gradient: write a function beside this one");
    body("b.map(|v| v * 2.0).sum()", "map", "unknown function `map`: functions and `+ - * /` go through all elements");
    body("b.iter().sum()", "iter", "unknown function `iter`: functions and");
    body("s.unwrap() * 2.0", "unwrap", "unknown function `unwrap`\navailable: linear, ");
    body("s(2.0)", "s", "`s` is a variable, not a function");
    body("relu * s", "relu", "`relu` is a function: write `relu(x)`");
    body("f32::max(s, 0.0)", "f32::max", "`f32::max` has no gradient: functions that `gradient!` knows");
    body("Vec::from(s)", "Vec::from", "`Vec::from` has no gradient");
    body("let n = 3; for i in 0..n { } s", "3", "a number of type `f32` has a point: write `3.0`");
    body("let n = 3.0; for i in 0..n { } s", "n", "`n` is not a whole number: expected a number, a const or a loop");
    body("for i in 0..x.len() { } s", "x.len()", "expected a whole number");
    body("for i in 0..4 { i = 2; } s", "i", "the loop variable `i` cannot be assigned to");
    body("let (a, c) = (s, s); a + c", "(a, c)", "expected one name for each `let`");
    body("let [a, c, d] = b; a + c + d", "[a, c, d]", "expected one name for each `let`");
    body("let Some(t) = s else { return s }; t", "let Some(t) = s else { return s };", "`let … else` is not known");
    body("let t; t = s; t", "let t;", "expected a value: `let x = …;`");
    body("if let Some(v) = s { v } else { s }", "let Some(v) = s", "expected a condition, found a pattern");
    body("if s > 0.0 { s }", "if s > 0.0 { s }", "an `if` that gives a value needs an `else`");
    body("x[1..3].sum()", "1..3", "elements are taken one by one");
    body("x[-1] * s", "-1", "the index -1 is outside: it cannot be negative");
    body("b.x * s", "b.x", "`b.x` has no gradient: values have no fields");
    body("b.glu().sum()", "glu", "`glu` halves the last dimension: its size 3 must be even");
    body("sparsemax(s)", "sparsemax", "`sparsemax` is over the last dimension: expected a vector, found a number");
}

#[test]
fn types_of_parameters_and_results() {
    one(
        "fn f(n: usize, x: f32) -> f32 { x }",
        "usize",
        "expected `f32` or an array of it, such as `[[f32; 3]; 4]`; whole",
    );
    one("fn f(x: Vec<f32>) -> f32 { x.sum() }", "Vec<f32>", "expected `f32` or an array of it");
    one("fn f(x: &[f32]) -> f32 { x.sum() }", "&[f32]", "sizes must be known: `x: [f32; 3]`");
    one("fn f(x: f32) -> i32 { 1 }", "i32", "a gradient is that of a number: expected `f32` or `f64`");
    one("fn f(x: f64) -> (f64, f64) { (x, x) }", "(f64, f64)", "a gradient is that of a number");
    one("fn f(&self, x: f32) -> f32 { x }", "&", "a function of `gradient!` has no `self`");
    one("fn f(x: f32) -> f32;", ";", "expected a block: `fn loss(");
}

#[test]
fn sizes_of_functions() {
    let generic = |body: &str| format!("fn f<const N: usize>(x: [f32; N], y: [f32; 3]) -> f32 {{ {body} }}");
    assert_eq!(told(&generic("let mut t = 0.0; for i in 1..N { t += x[i] - x[i - 1]; } t")), []);
    assert_eq!(told(&generic("let mut t = [0.0; N]; for i in 0..N - 1 { t[i] = x[i + 1]; } (t * y).sum()")), []);
    one(&generic("[x[0]; N + 1].sum()"), "N + 1", "the size `N + 1` is worked out from `N`, which rustc does not do");
    one(&generic("let t: [f32; N * 2] = x; t.sum()"), "[f32; N * 2]", "the size `N * 2` is worked out from `N`");
    one(
        &generic("for i in 0..=N { } x.sum()"),
        "0..=N",
        "a range over a size of the function begins at a number and ends",
    );
    one(&generic("for i in 0..N + 1 { } x.sum()"), "0..N + 1", "a range over a size of the function");
    one(
        &generic("x.glu().sum()"),
        "glu",
        "`glu` halves the last dimension, and rustc does not compute with the size N",
    );
    one("fn f<const N: usize>(x: [f32; N + 1]) -> f32 { x.sum() }", "[f32; N + 1]", "the size `N + 1` is worked out");
    one("fn f<const N: u8>(x: f32) -> f32 { x }", "const N: u8", "`gradient!` is generic over sizes only");
    one("fn f<const N: usize = 3>(x: [f32; N]) -> f32 { x.sum() }", "3", "a size of a function has no default");
}

/// The same for a function beside `f(x: f32, y: f32)` and `g(v: [f32; 3]; s: f32)`.
#[track_caller]
fn beside(body: &str, at: &str, message: &str) {
    let source = format!(
        "fn f(x: f32, y: f32) -> f32 {{ x * y }}
         fn g(v: [f32; 3]; s: f32) -> f32 {{ v.sum() * s }}
         fn h(x: f32, v: [f32; 4]) -> f32 {{ {body} }}"
    );
    one(&source, at, message);
}

#[test]
fn calls_of_functions_and_gradients() {
    beside("f(x)", "f", "`f` takes 2 values (x, y), found 1");
    beside("f_grad(x).0", "f_grad", "`f_grad` takes 2 values (x, y), found 1");
    beside("f(x, v)", "v", "`y` of `f`: expected a number, found the shape [4]");
    beside("g(v, x)", "v", "`v` of `g`: expected the shape [3], found [4]");
    beside("let (_, dv) = g_grad(v, x); dv.sum()", "v", "`v` of `g`: expected the shape [3], found [4]");
    let apart = "`f_grad` gives the value and the gradients, which are taken apart: `let (value, dw) = f_grad(…);` or";
    beside("f_grad(x, x)", "f_grad", apart);
    beside("let d = f_grad(x, x); d.1.0", "f_grad", apart);
    beside("f_grad(x, x).2", "f_grad", apart);
    let two = "`f_grad` gives 2 gradients, of x, y: expected `let (value, (dx, dy)) = f_grad(…);`";
    beside("let (_, d) = f_grad(x, x); d", "(_, d)", two);
    beside("let (_, (d, _, _)) = f_grad(x, x); d", "(_, (d, _, _))", two);
    beside("f_grad(x, x).1", "f_grad(x, x).1", two);
    beside("f_grad(x, x).1.2", "f_grad(x, x).1.2", two);
    beside("losses::f()", "f", "`f` takes at least one value, found none");
    let types = "the types of a gradient are those of the parameters: leave out this one";
    beside("let (_, (d, _)): (f32, (f32, f32)) = f_grad(x, x); d", "(f32, (f32, f32))", types);
    let alone = "`g_grad` gives 1 gradient, of v: expected `let (value, dv) = g_grad(…);`";
    beside("g_grad([x, x, x], x).1.0[0]", "g_grad([x, x, x], x).1.0", alone);
    beside("let (value, d) = k_grad(x); d", "k_grad", "unknown function `k_grad`");
    beside("self::h(x, v)", "h", "`h` calls itself, and the compiler would not come to an end: write a `for` loop");
    beside("let (_, (dx, _)) = h_grad(x, v); dx", "h_grad", "`h` calls itself");
    one(
        "fn f(x: f32) -> f32 { g(x) } fn g(x: f32) -> f32 { h_grad(x).1 } fn h(x: f32) -> f32 { f(x) * 2.0 }",
        "g",
        "`f` calls itself through `g` and `h`",
    );
    one("fn f(x: [i32; 3]) -> f32 { x.sum() } fn g(x: f32) -> f32 { f_grad(x).1 + f(x) }", "i32", "expected `f32`");
    one("fn f(x: f64) -> f64 { x } fn g(x: f32) -> f32 { f(x) }", "f", "all numbers are of one type: this function");
    one("fn f(x: f32) -> f32 { x } fn f(y: f32) -> f32 { y }", "f", "two functions are named `f`");
    one("fn f(x: f32) -> f32 { x } fn f_grad(x: f32) -> f32 { x }", "f_grad", "`f_grad` is the name of the gradient");
    let f = "fn f<const N: usize, const M: usize>(x: [f32; N]) -> f32 { [x[0]; M].sum() }";
    one(
        &format!("{f} fn g(x: [f32; 2]) -> f32 {{ f(x) }}"),
        "f",
        "the size `M` of `f` is not known from its arguments",
    );
    one(&format!("{f} fn g(x: [f32; 2]) -> f32 {{ f::<2>(x) }}"), "f", "`f` has 2 sizes, found 1");
}
