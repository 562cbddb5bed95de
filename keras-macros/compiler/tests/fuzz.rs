//! Whatever is written, the compiler answers with Rust that parses: code, or errors. It never panics.
//!
//! The inputs are random but always the same ones: token soup, and mutations of models that are right.

mod support;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use std::panic::{AssertUnwindSafe, catch_unwind};

use support::{Macro, expand};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn word(&mut self) -> &'static str {
        let n = self.below(WORDS.split(' ').count());
        WORDS.split(' ').nth(n).unwrap_or("x")
    }
}

const WORDS: &str = "\
    Input Dense Dropout Flatten Reshape Activation Add Concatenate Conv2D Dence relu softmax gelu linear units \
    activation rate name seed axis dtype shape target_shape kernel_initializer kernel_regularizer \
    kernel_constraint use_bias trainable lora_rank L2 HeNormal MaxNorm None Some True true false struct type let \
    fn pub crate self super Self where const if else match return as in mut ref async gen try union auto x a b cx \
    ws m M N IN HIDDEN f32 u32 größe 层 _x sequential model keras macro_rules";
const RAW: &[&str] = &["type", "fn", "Dense", "x", "gen", "match"];
const MARKS: &[char] = &[
    ',', ',', ',', ';', ':', ':', '<', '<', '>', '>', '=', '=', '!', '#', '|', '|', '-', '+', '*', '/', '&', '.', '?',
    '@', '$', '%', '^', '~',
];

fn literal(random: &mut Random) -> TokenTree {
    TokenTree::Literal(match random.below(16) {
        0 => Literal::u8_suffixed(64),
        1 => Literal::i128_unsuffixed(i128::MAX),
        2 => Literal::u64_unsuffixed(u64::MAX),
        3 => Literal::f64_unsuffixed(0.5),
        4 => Literal::f64_unsuffixed(1e300),
        5 => Literal::string("relu"),
        6 => Literal::string("a b \" \\ ü"),
        7 => Literal::byte_string(b"relu"),
        8 => Literal::character('x'),
        9 => Literal::usize_suffixed(784),
        10 => Literal::u32_unsuffixed(u32::MAX),
        11 => "1e400".parse().expect("a literal"),
        12 => "0x1_0".parse().expect("a literal"),
        13 => Literal::string(""),
        _ => Literal::usize_unsuffixed(random.below(12)),
    })
}

fn token(random: &mut Random, depth: usize) -> TokenTree {
    match random.below(if depth == 0 { 10 } else { 13 }) {
        0..=4 => TokenTree::Ident(Ident::new(random.word(), Span::call_site())),
        5 if random.below(4) == 0 => TokenTree::Ident(Ident::new_raw(random.pick(RAW), Span::call_site())),
        5..=7 => {
            let spacing = if random.below(2) == 0 { Spacing::Alone } else { Spacing::Joint };
            TokenTree::Punct(Punct::new(random.pick(MARKS), spacing))
        }
        8 | 9 => literal(random),
        _ => {
            let delimiters =
                [Delimiter::Parenthesis, Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
            let delimiter = random.pick(&delimiters);
            TokenTree::Group(Group::new(delimiter, soup(random, depth - 1)))
        }
    }
}

fn soup(random: &mut Random, depth: usize) -> TokenStream {
    (0..random.below(9)).map(|_| token(random, depth)).collect()
}

/// The tokens with one thing changed somewhere.
fn mutated(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let mut list: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> =
        list.iter().enumerate().filter(|(_, token)| matches!(token, TokenTree::Group(_))).map(|(i, _)| i).collect();
    if !groups.is_empty() && random.below(3) > 0 {
        let i = random.pick(&groups);
        if let TokenTree::Group(group) = &list[i] {
            list[i] = TokenTree::Group(Group::new(group.delimiter(), mutated(group.stream(), random)));
        }
        return list.into_iter().collect();
    }
    let i = random.below(list.len() + 1);
    match (random.below(7), i < list.len()) {
        (0, true) => drop(list.remove(i)),
        (1, true) => list.insert(i, list[i].clone()),
        (2, true) => list[i] = token(random, 2),
        (3, true) => {
            let j = random.below(list.len());
            list.swap(i, j);
        }
        (4, true) => {
            let delimiter = random.pick(&[Delimiter::None, Delimiter::Parenthesis, Delimiter::Brace]);
            list[i] = TokenTree::Group(Group::new(delimiter, list[i].clone().into()));
        }
        (5, true) => list.truncate(i),
        _ => list.insert(i, token(random, 2)),
    }
    list.into_iter().collect()
}

fn attempt(kind: Macro, tokens: &TokenStream) {
    let result = catch_unwind(AssertUnwindSafe(|| expand(kind, quote::quote!([::keras] #tokens))));
    assert!(result.is_ok(), "{kind:?}: {tokens}");
}

const MODELS: &[(Macro, &str)] = &[
    (
        Macro::Sequential,
        "#[derive(Debug)] pub struct Mlp< Input(784), Dense(64, relu), Dense(units = 10, activation = softmax) >;",
    ),
    (
        Macro::Sequential,
        "Input((28, 28)), Flatten, Dropout(0.5, seed = 7), Dense(HIDDEN * 2, gelu(approximate = true), name = \"h\")",
    ),
    (
        Macro::Sequential,
        "pub(crate) type A = < Dense(64, \"relu\", kernel_regularizer = L2(1e-4)), Dense(N, softmax) >;",
    ),
    (
        Macro::Sequential,
        "Input(N, 4, dtype = u32), Reshape((-1, N)), self::Proj::<2, 3>(4), Dense(3, kernel_initializer = HeNormal(seed = 1))",
    ),
    (
        Macro::Model,
        "/// Doc.\n pub struct TwoTower(a: [64], b: [[f32; 4]; 16]) { let enc = Dense(32, relu); let u = enc(a); \
         let v = enc(Flatten()(b)); let z = Concatenate()(u, v); let h = Dense(64, relu)(z) + z; \
         (Dense(1, sigmoid)(h), Dense(3, tanh, name = \"aux\")(u)) }",
    ),
    (Macro::Model, "|x: [8], y: [N, M]| { let (p, q) = Block!(3)(x); Add()([p, q, Dense(N)(y)]) }"),
    (Macro::Keras, "pub type Card = sequential!< Input(784), Dense(64, relu) >; let m = { sequential!< Dense(3) > };"),
];

#[test]
fn token_soup() {
    let mut random = Random(1);
    for _ in 0..2_500 {
        let tokens = soup(&mut random, 3);
        for kind in [Macro::Sequential, Macro::Model, Macro::Keras] {
            attempt(kind, &tokens);
        }
    }
}

#[test]
fn soup_in_a_model() {
    let mut random = Random(2);
    for _ in 0..2_500 {
        let (soup, more) = (soup(&mut random, 3), soup(&mut random, 2));
        attempt(Macro::Sequential, &quote::quote!(struct M< Input(4), Dense(#soup), #more >;));
        attempt(Macro::Model, &quote::quote!(struct M(a: [3], #more) { let h = Dense(#soup)(a); h + a }));
        attempt(Macro::Model, &quote::quote!(struct M(a: [3]) { #soup }));
    }
}

#[test]
fn mutations() {
    let mut random = Random(3);
    for (kind, source) in MODELS {
        let tokens: TokenStream = source.parse().expect("tokens");
        attempt(*kind, &tokens);
        for _ in 0..1_000 {
            let mut tokens = tokens.clone();
            for _ in 0..=random.below(4) {
                tokens = mutated(tokens, &mut random);
            }
            attempt(*kind, &tokens);
        }
    }
}

#[test]
fn long_and_deep_models() {
    let layers = "Dense(7, relu), ".repeat(300);
    let consts = "Dense(N, relu), Dropout(RATE), ".repeat(150);
    let sum = " + a".repeat(300);
    let values = "let a = e(a) + a; ".repeat(150);
    let (open, close) = ("(".repeat(100), ")".repeat(100));
    for (kind, source) in [
        (Macro::Sequential, format!("struct M< Input(7), {layers} >;")),
        (Macro::Sequential, format!("struct M< {consts} >;")),
        (Macro::Sequential, format!("struct M< Input(N), Dense({open}N{close}), Dense({open}7{close}) >;")),
        (Macro::Model, format!("struct M(a: [7]) {{ a{sum} }}")),
        (Macro::Model, format!("struct M(a: [N]) {{ let e = Dense(N); {values} {open}a{close} }}")),
    ] {
        let code = expand(kind, source.parse().expect("tokens"));
        assert!(!code.to_string().contains("compile_error"), "{source}");
    }
}

/// Blocks as they are written, and uses of them.
const BLOCKS: &[(&str, &str)] = &[
    (
        "/// Doc.\n pub(crate) struct Residual(units, activation = relu, rate = -0.25)(x) { \
         let h = Dense(units * 2 - 1, activation)(x); let h = Dropout(rate = rate)(h); Dense(units)(h) + x }",
        "struct M< Input(4), self::B!(4), self::B!(units = N + 1, tanh, name = \"b\", trainable = false) >;",
    ),
    (
        "struct Head(classes) < Dense(4, gelu(approximate = true)), Dense(classes, softmax) >;",
        "Input(4), self::B!({ N })",
    ),
    (
        "pub struct Fork(a, b)(x, y) { let (h, g) = crate::Other!(a)(x, y); let s = self_::Own::new(b); (s(s(h)), g) }",
        "struct M(a: [4], b: [2, 2]) { let f = self::B!(2, b = 3); let (p, q) = f(a, b); self::B!(2, 3)(p, q) }",
    ),
    ("struct Itself(n) < Dense(n), self::B!(n - 1) >;", "< self::B!(3) >"),
];

fn parses(code: &TokenStream, from: &TokenStream) {
    assert!(syn::parse2::<syn::File>(code.clone()).is_ok(), "{from}\n{code}");
}

#[test]
fn blocks() {
    let mut random = Random(5);
    let define = |tokens: &TokenStream| {
        let result = catch_unwind(AssertUnwindSafe(|| keras_compiler::layer(quote::quote!([::keras] #tokens))));
        parses(&result.unwrap_or_else(|_| panic!("{tokens}")), tokens);
    };
    // What `sequential!` and `model!` get of a block: its key and its definition.
    let put = |definition: &TokenStream, model: &TokenStream| {
        let given = quote::quote!(
            @block ("self :: B") { "a 1.0 a" #definition } @block ("$crate :: Other of a 1.0 a") { struct O(n)(x, y) { (x, y) } }
        );
        attempt(Macro::Sequential, &quote::quote!(#given #model));
        attempt(Macro::Model, &quote::quote!(#given #model));
        given
    };
    for (block, model) in BLOCKS {
        let (block, model): (TokenStream, TokenStream) =
            (block.parse().expect("tokens"), model.parse().expect("tokens"));
        define(&block);
        for turn in 0..500 {
            let (mut block, mut model) = (block.clone(), model.clone());
            for _ in 0..random.below(4) {
                block = mutated(block, &mut random);
            }
            for _ in 0..random.below(3) {
                model = mutated(model, &mut random);
            }
            define(&block);
            let given = put(&block, &model);
            if turn % 4 == 0 {
                let given = mutated(mutated(given, &mut random), &mut random);
                attempt(Macro::Sequential, &quote::quote!(#given #model));
            }
        }
    }
    for _ in 0..1_000 {
        let (soup, more) = (soup(&mut random, 3), soup(&mut random, 2));
        define(&soup);
        define(&quote::quote!(struct B(#more)(x) { #soup }));
        define(&quote::quote!(struct B(n, #more) < Dense(n), #soup >;));
        put(&quote::quote!(struct B(n = 3, #more) < Dense(n), #soup >;), &quote::quote!(Input(3), self::B!(#more)));
        put(&quote::quote!(struct B(#more)(x) { #soup }), &quote::quote!(Input(3), self::B!(#soup), self::B!(#more)));
        attempt(Macro::Sequential, &quote::quote!(@block #soup #more Input(3), self::B!));
    }
}

const WEIGHTS: &[&str] = &[
    "/// Doc.\n #[derive(Weights)] #[weights(crate = kk)] #[repr(C)] pub struct W<const N: usize> { /// Doc.\n \
     #[weight(initializer = Constant(-0.5), regularizer = L1L2(l1 = 0.1))] pub gain: [f32; N], \
     #[weight(trainable = false, constraint = MaxNorm(2.0))] r#type: [[f32; N]; 3] }",
    "#[repr(C)] struct W<T: Sample<Elem = f32>, U> where U: Copy { a: T, b: f32 }",
    "#[repr(C)] struct W;",
];

#[test]
fn weights_of_layers() {
    let mut random = Random(6);
    let derive = |tokens: &TokenStream| {
        let result = catch_unwind(AssertUnwindSafe(|| keras_compiler::weights::expand(tokens.clone())));
        parses(&result.unwrap_or_else(|_| panic!("{tokens}")), tokens);
    };
    for source in WEIGHTS {
        let tokens: TokenStream = source.parse().expect("tokens");
        derive(&tokens);
        for _ in 0..1_500 {
            let mut tokens = tokens.clone();
            for _ in 0..=random.below(3) {
                tokens = mutated(tokens, &mut random);
            }
            derive(&tokens);
        }
    }
    for _ in 0..1_500 {
        let (soup, more) = (soup(&mut random, 3), soup(&mut random, 2));
        derive(&soup);
        derive(&quote::quote!(
            #[repr(C)]
            #[weights(#more)]
            struct W {
                #[weight(#soup)]
                a: [f32; 3],
            }
        ));
        derive(&quote::quote!(#[repr(C)] struct W { a: [f32; 3], #soup }));
    }
}

const FUNCTIONS: &[&str] = &[
    "/// Doc.\n pub fn loss(w: [[f32; 3]; 4], b: [f32; N]; x: [f32; 4], t: f32) -> f32 { \
     let mut y = x.matmul(w) + b; y[0] *= 2.0; for i in 0..N { y[i] += (i as f32) * x[i + 1]; } \
     if t > 0.5 && !(y[0] < x[1]) { y = -y.relu(); } else { y = [t, t, leaky_relu(t, 0.1)]; } \
     (y - [0.0; 3]).square().mean() + w.sum(0).softmax()[1] }",
    "fn f<const N: usize>(x: [f64; N]; y: [f64; 4]) -> f64 { let mut s = 1.0; \
     for i in 1..N { s = s * x[i - 1] + glu(y)[0]; } s + sparsemax(x)[0] } \
     fn g(x: [f64; 3]; y: [f64; 4]) -> f64 { let (v, dx) = f_grad(x, y); v * dx.dot(x) + f::<3>(x, y) } \
     fn h(x: [f64; 3]) -> f64 { g_grad(&x, &[0.5; 4]).1[0] + self::other_grad(x, x[0]).1.1 + a::b::<2>(x) }",
];

#[test]
fn functions_of_gradient() {
    let mut random = Random(4);
    let attempt = |tokens: &TokenStream| {
        let result = catch_unwind(AssertUnwindSafe(|| keras_compiler::gradient(quote::quote!([::keras] #tokens))));
        let code = result.unwrap_or_else(|_| panic!("{tokens}"));
        assert!(syn::parse2::<syn::File>(code.clone()).is_ok(), "{tokens}\n{code}");
        code
    };
    for source in FUNCTIONS {
        let tokens: TokenStream = source.parse().expect("tokens");
        let code = attempt(&tokens).to_string();
        assert!(!code.contains("compile_error"), "{code}");
        for _ in 0..1_500 {
            let mut tokens = tokens.clone();
            for _ in 0..=random.below(4) {
                tokens = mutated(tokens, &mut random);
            }
            attempt(&tokens);
        }
    }
}
