//! The same work in keras and in other libraries.
//!
//! `peers run <engine> --threads <n> --seconds <s>` times one of them and prints a line of JSON for each work;
//! `peers compare …` runs all of them in turn and writes docs/benchmarks.md. benches/compare.sh calls it.

mod clock;
mod compare;
mod engines;
mod works;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().rposition(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let result = match arguments.first().map(String::as_str) {
        Some("run") => {
            let engine = arguments.get(1).map_or("", String::as_str);
            let threads = option("--threads").and_then(|n| n.parse().ok()).unwrap_or(1);
            let seconds = option("--seconds").and_then(|s| s.parse().ok()).unwrap_or(0.5);
            engines::run(engine, &mut clock::Clock { threads, seconds })
        }
        Some("compare") => compare::run(&compare::Options {
            rounds: option("--rounds").and_then(|n| n.parse().ok()).unwrap_or(3),
            seconds: option("--seconds").and_then(|s| s.parse().ok()).unwrap_or(0.4),
            fit: !arguments.iter().any(|argument| argument == "--no-fit"),
            python: option("--python"),
            scripts: option("--scripts").unwrap_or_default(),
            out: option("--out").unwrap_or_else(|| ".".into()),
            lines: option("--lines").unwrap_or_else(|| "benchmarks.jsonl".into()),
            command: option("--command").unwrap_or_default(),
            only: option("--only"),
        }),
        _ => Err("what is to be done: run or compare".into()),
    };
    if let Err(error) = result {
        eprintln!("peers: {error}");
        std::process::exit(1);
    }
}
