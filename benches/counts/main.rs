//! Work whose instructions are counted: `benches/counts.sh` runs each case under callgrind.
//!
//! `counts --list` names the cases, `counts <case>` runs one: first for the allocations and tables that only a first call
//! needs, then within `measured`, the function whose instructions count. Callgrind knows no AVX-512, so each case says
//! which instructions it wants.

mod kernels;
mod models;

use std::process::ExitCode;

use keras_kernels::Isa;
use keras_kernels::isa::with_isa;
use proc_macro2::TokenStream;

/// The work of a case, ready to be done.
type Work = Box<dyn FnMut()>;
/// Names of cases and what makes their work ready.
type Cases = &'static [(&'static str, fn() -> Work)];

/// Those that are run for each instruction set.
const FOR_EACH_ISA: [Cases; 2] = [kernels::CASES, models::CASES];
/// Those that have nothing to do with it.
const ONCE: Cases = &[("expansion/100_layers_literals", expansion)];

/// Only what happens in here is counted.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
    // Something after the call, so that it is one.
    std::hint::black_box(());
}

fn run(ready: fn() -> Work) -> ExitCode {
    let mut work = ready();
    work();
    measured(&mut work);
    ExitCode::SUCCESS
}

/// The compiler on `sequential!` with 100 different layers.
fn expansion() -> Work {
    let layers: String = (0..100).map(|i| format!("Dense({}, relu), ", 100 + i)).collect();
    let source = format!("[::keras] struct Net< Input(784), {layers} Dense(10, softmax) >;");
    let tokens: TokenStream = source.parse().expect("tokens");
    Box::new(move || assert!(!keras_compiler::sequential(tokens.clone()).is_empty()))
}

fn main() -> ExitCode {
    let Some(wanted) = std::env::args().nth(1) else { return ExitCode::SUCCESS };
    let isas: Vec<Isa> = ["scalar", "avx2"].into_iter().filter_map(|name| Isa::named(name).ok()).collect();
    for (name, ready) in ONCE {
        if wanted == "--list" {
            println!("{name}");
        } else if wanted == *name {
            return run(*ready);
        }
    }
    for isa in isas {
        for (name, ready) in FOR_EACH_ISA.into_iter().flatten() {
            let name = format!("{name}/{}", isa.name());
            if wanted == "--list" {
                println!("{name}");
            } else if wanted == name {
                return with_isa(isa, || run(*ready));
            }
        }
    }
    // `cargo bench` calls every benchmark with an option of its own.
    if wanted.starts_with("--") { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
