//! How long the compiler takes for a chain of so many different `Dense` layers, in milliseconds: the least of some runs.
//!
//! Users' procedural macros are built without optimisation, unless they ask for more:
//! `cargo bench -p keras-compiler --bench expansion --profile dev --config 'profile.dev.package."*".opt-level=0'`.

use std::time::Instant;

use proc_macro2::TokenStream;

fn main() {
    println!("| layers | sizes | ms |");
    println!("|---|---|---|");
    for layers in [5, 20, 100] {
        for (sizes, base) in [("literals", None), ("consts", Some("WIDTH"))] {
            println!("| {layers} | {sizes} | {:.1} |", milliseconds(layers, base));
        }
    }
}

fn milliseconds(layers: usize, base: Option<&str>) -> f64 {
    let layers = (0..layers).map(|i| match base {
        None => format!("Dense({}, relu),", 100 + i),
        Some(base) => format!("Dense({base} + {i}, relu),"),
    });
    let source =
        format!("[::keras] struct Net< Input(784), {} Dense(10, softmax) >;", layers.collect::<Vec<_>>().join(" "));
    let Ok(tokens) = source.parse::<TokenStream>() else { panic!("not tokens: {source}") };
    let time = || {
        let tokens = tokens.clone();
        let begin = Instant::now();
        let code = keras_compiler::sequential(tokens);
        let time = begin.elapsed().as_secs_f64() * 1e3;
        assert!(!code.is_empty());
        time
    };
    (0..21).map(|_| time()).fold(f64::INFINITY, f64::min)
}
