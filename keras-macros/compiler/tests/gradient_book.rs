//! The errors that the chapter on gradients quotes are those that `gradient!` tells, word for word and place for place.

use keras_compiler::{Errors, gradient};

const CHAPTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book/src/gradients.md");

/// The blocks of code, with what stands behind their backticks.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(kind) => {
                inside = true;
                blocks.push((kind, String::new()));
            }
            None if inside => {
                let (_, block) = blocks.last_mut().expect("a block was begun");
                *block += &format!("{line}\n");
            }
            None => {}
        }
    }
    blocks
}

/// `error: …` and the place, as rustc writes them.
fn told(source: &str) -> Vec<String> {
    let file = syn::parse_file(source).expect("items");
    let mut lines = Vec::new();
    for item in file.items {
        let syn::Item::Macro(call) = item else { panic!("expected `gradient!` only") };
        let mut errors = Errors::default();
        gradient::compile(call.mac.tokens, &mut errors);
        for error in errors.sorted() {
            let start = error.span().start();
            lines.push(format!("error: {error}"));
            lines.push(format!("--> src/main.rs:{}:{}", start.line, start.column + 1));
        }
    }
    lines
}

#[test]
fn quoted_errors_are_what_is_told() {
    let text = std::fs::read_to_string(CHAPTER).unwrap_or_else(|error| panic!("{CHAPTER}: {error}"));
    let blocks = blocks(&text);
    let mut seen = 0;
    for pair in blocks.windows(2) {
        let [("rust,compile_fail", source), ("text", quoted)] = pair else { continue };
        let quoted: Vec<&str> = quoted.lines().map(str::trim).collect();
        let quoted: Vec<&str> =
            quoted.into_iter().filter(|line| line.starts_with("error: ") || line.starts_with("--> ")).collect();
        assert_eq!(told(source), quoted);
        seen += 1;
    }
    assert_eq!(
        seen,
        blocks.iter().filter(|(kind, _)| *kind == "rust,compile_fail").count(),
        "each is followed by what is told"
    );
    assert!(seen >= 5);
}
