//! The chapter on errors quotes each message of the macros as it is told, and none is missing.
//!
//! `BOOK=overwrite cargo test -p keras-compiler --test errors_book` writes what is told anew. A block is
//!
//! ```text
//! sequential!(Input(784), Dence(10))      what was written
//!                         ^^^^^           the guilty tokens
//! error: unknown layer …                  what is told; further lines are indented
//! write: sequential!(Input(784), …)       what is right
//! ```
//!
//! A block with the error of a const that rustc evaluates, `error[E…]`, quotes a case of tests/ui.

#[path = "support/literals.rs"]
mod literals;
#[path = "support/snippet.rs"]
mod snippet;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use snippet::told;

const CHAPTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book/src/errors.md");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/ui");

fn chapter() -> String {
    fs::read_to_string(CHAPTER).unwrap_or_else(|error| panic!("{CHAPTER}: {error}"))
}

/// The blocks between "```text" and "```".
fn blocks(chapter: &str) -> Vec<&str> {
    chapter.split("\n```text\n").skip(1).map(|rest| rest.split("```").next().unwrap_or(rest)).collect()
}

/// A quoted mistake.
#[derive(Default)]
struct Quote {
    source: Vec<String>,
    errors: Vec<String>,
    right: Vec<String>,
}

impl Quote {
    fn read(block: &str) -> Quote {
        let mut quote = Quote::default();
        for line in block.lines() {
            if let Some(right) = line.strip_prefix("write: ") {
                quote.right.push(right.into());
            } else if line.starts_with("error") {
                quote.errors.push(line.into());
            } else if let Some(more) = quote.right.last_mut() {
                let _ = write!(more, "\n{}", line.strip_prefix("       ").unwrap_or(line));
            } else if let Some(more) = quote.errors.last_mut() {
                let _ = write!(more, "\n{line}");
            } else if line.trim().is_empty() || line.trim().chars().any(|c| c != '^' && c != ' ') {
                quote.source.push(line.into());
            }
        }
        quote
    }

    fn of_rustc(&self) -> bool {
        self.errors.iter().any(|error| error.starts_with("error["))
    }

    /// The block as it has to be.
    fn written(&self) -> String {
        let told = told(&self.source.join("\n"));
        let mut text = String::new();
        for (i, line) in self.source.iter().enumerate() {
            let _ = writeln!(text, "{line}");
            let mut marks = vec![' '; line.chars().count()];
            for told in &told {
                // Where there is no token to point at, it is the whole call.
                let whole = told.start == told.end && i == 0;
                let (from, to) = match (told.start.line == i + 1, told.end.line == i + 1) {
                    _ if whole => (0, marks.len()),
                    (true, true) => (told.start.column, told.end.column),
                    (true, false) => (told.start.column, marks.len()),
                    _ => continue,
                };
                marks[from..to].fill('^');
            }
            let marks: String = marks.into_iter().collect();
            if marks.contains('^') {
                let _ = writeln!(text, "{}", marks.trim_end());
            }
        }
        for told in &told {
            let _ = writeln!(text, "error: {}", told.message.replace('\n', "\n       "));
        }
        for right in &self.right {
            let _ = writeln!(text, "write: {}", right.replace('\n', "\n       "));
        }
        text
    }
}

#[test]
fn quoted_errors_are_what_is_told() {
    let chapter = chapter();
    let quoted = blocks(&chapter);
    let mut new = chapter.clone();
    for block in &quoted {
        let quote = Quote::read(block);
        if !quote.of_rustc() {
            new = new.replacen(&format!("```text\n{block}```"), &format!("```text\n{}```", quote.written()), 1);
        }
    }
    if std::env::var("BOOK").is_ok_and(|value| value == "overwrite") {
        fs::write(CHAPTER, &new).expect("the chapter can be written");
        return;
    }
    for (line, (quoted, told)) in chapter.lines().zip(new.lines()).enumerate() {
        assert_eq!(quoted, told, "line {} of {CHAPTER}", line + 1);
    }
    assert_eq!(chapter, new);
}

#[test]
fn each_has_a_mistake_and_what_is_right() {
    for block in blocks(&chapter()) {
        let quote = Quote::read(block);
        assert!(!quote.errors.is_empty(), "no mistake is told of\n{block}");
        assert!(!quote.right.is_empty(), "it is not said what is right:\n{block}");
        for right in &quote.right {
            assert_eq!(told(right), [], "{right}");
        }
    }
}

/// What rustc tells of consts is a case of tests/ui: all of the lines, and the message.
#[test]
fn errors_of_rustc_are_those_of_the_cases() {
    let mut cases = Vec::new();
    for folder in fs::read_dir(CASES).expect("tests/ui").flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let told = file.path().with_extension("stderr");
            if file.path().extension().is_some_and(|extension| extension == "rs") && told.exists() {
                cases.push([file.path(), told].map(|path| fs::read_to_string(path).expect("a case")));
            }
        }
    }
    for block in blocks(&chapter()) {
        let quote = Quote::read(block);
        let held = |[source, told]: &[String; 2]| {
            quote.source.iter().all(|line| source.contains(line.trim()))
                && quote.errors.iter().all(|error| error.lines().all(|line| told.contains(line.trim())))
        };
        assert!(!quote.of_rustc() || cases.iter().any(held), "no case of tests/ui tells\n{block}");
    }
}

/// The files that can tell a mistake.
fn sources() -> Vec<PathBuf> {
    fn files(at: &Path, list: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).expect("a folder").flatten() {
            if entry.path().is_dir() {
                files(&entry.path(), list);
            } else {
                list.push(entry.path());
            }
        }
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut list = vec![crates.join("src/weights.rs")];
    for folder in ["src/syntax", "src/layers", "../shapes/src/rules"] {
        files(&crates.join(folder), &mut list);
    }
    list
}

/// Each text in the compiler's sources that reads like a message is in the chapter.
#[test]
fn no_message_is_missing() {
    let chapter = chapter();
    let quotes: Vec<Quote> = blocks(&chapter).into_iter().map(Quote::read).collect();
    let messages: Vec<String> =
        quotes.iter().flat_map(|quote| &quote.errors).map(|error| error.replace("\n       ", "\n")).collect();
    let mut missing = Vec::new();
    for file in sources() {
        let source = fs::read_to_string(&file).expect("a source");
        for literal in literals::sentences(&source) {
            let no_message = NO_MESSAGES.iter().any(|begin| literal.starts_with(begin));
            if !no_message && !messages.iter().any(|message| literals::occurs(&literal, message)) {
                missing.push(format!("{}: {literal:?}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/book/src/errors.md:\n{}", missing.join("\n"));
}

/// How texts begin that are no messages: the list of Keras's layers, and what stands for an error without a text, which
/// there is not.
const NO_MESSAGES: &[&str] = &["AdditiveAttention AlphaDropout ", "invalid argument"];
