//! docs/layers.md says of each layer of Keras's what the registry says.
//!
//! `BOOK=overwrite cargo test -p keras-compiler --test layers_page` writes what it can be told anew.

use keras_compiler::layers::names::ALIASES;
use keras_compiler::layers::{Kind, LAYERS};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/layers.md");

/// What is no layer of the registry, and there all the same.
const ELSEWHERE: [&str; 2] = ["Input", "Layer"];

/// Layers of other pages: they do not train.
const OTHERS: [&str; 1] = ["Rescaling"];

/// How many layers of Keras's that train there are.
const ROWS: usize = 98;

/// What begins the list of refused arguments in the last column.
const REFUSED: &str = "refused: ";

/// The second and the third column of a layer's row, given what was written in the third.
fn columns(name: &str, written: &str) -> (&'static str, String) {
    let own = written.split(REFUSED).next().unwrap_or_default().trim_end_matches([';', ' ']);
    let Some(spec) = LAYERS.iter().map(|layer| layer.spec()).find(|spec| spec.name == name) else {
        let state = if ELSEWHERE.contains(&name) { "differs" } else { "absent" };
        return (state, own.to_owned());
    };
    let refused: Vec<String> = spec
        .args
        .iter()
        .filter_map(|(name, kind)| match kind {
            Kind::Absent(_) => Some(format!("`{name}`")),
            Kind::Off(_) => Some(format!("`{name} = true`")),
            _ => None,
        })
        .collect();
    let refused = if refused.is_empty() { String::new() } else { format!("{REFUSED}{}", refused.join(", ")) };
    let parts: Vec<&str> = [own, &refused].into_iter().filter(|part| !part.is_empty()).collect();
    (if parts.is_empty() { "works" } else { "differs" }, parts.join("; "))
}

#[test]
fn the_page_is_the_registry() {
    let page = std::fs::read_to_string(PAGE).unwrap_or_else(|error| panic!("{PAGE}: {error}"));
    let (mut text, mut found) = (String::new(), Vec::new());
    for line in page.lines() {
        let columns_of = |line: &str| -> Option<(String, String)> {
            let mut cells = line
                .strip_prefix("| `")?
                .strip_suffix(" |")
                .or_else(|| line.strip_prefix("| `")?.strip_suffix('|'))?
                .splitn(3, " | ");
            let name = cells.next()?.strip_suffix('`')?.to_owned();
            Some((name, cells.nth(1).unwrap_or_default().trim().to_owned()))
        };
        match columns_of(line) {
            Some((name, written)) => {
                let (state, how) = columns(&name, &written);
                text += format!("| `{name}` | {state} | {how} |\n").replace("|  |", "| |").as_str();
                found.push(name);
            }
            None => text += &format!("{line}\n"),
        }
    }
    if std::env::var("BOOK").is_ok_and(|value| value == "overwrite") {
        std::fs::write(PAGE, &text).expect("the page can be written");
    } else {
        for (line, (there, here)) in page.lines().zip(text.lines()).enumerate() {
            assert_eq!(there, here, "line {} of {PAGE}", line + 1);
        }
    }
    let missing: Vec<&str> = LAYERS
        .iter()
        .map(|layer| layer.spec().name)
        .filter(|name| !OTHERS.contains(name) && !found.iter().any(|found| found == name))
        .collect();
    assert!(missing.is_empty(), "{PAGE} does not list {missing:?}");
    assert_eq!(found.len(), ROWS, "rows of {PAGE}");
}

#[test]
fn other_names_are_listed() {
    let page = std::fs::read_to_string(PAGE).unwrap_or_else(|error| panic!("{PAGE}: {error}"));
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for (alias, name) in ALIASES {
        assert!(page.contains(&format!("`{alias}` (`{name}`)")), "{PAGE} does not list {alias} as {name}");
    }
}

/// A model with a layer by its other name is the same to the token: names of layers, paths of weights, all of it.
#[test]
fn other_names_make_the_same_models() {
    for (alias, name) in ALIASES {
        let dims = name.chars().find_map(|c| c.to_digit(10)).unwrap_or_default();
        let input = ["", "8, 2", "8, 8, 2", "8, 8, 8, 2"][dims as usize];
        let args = match name {
            _ if name.contains("Conv") => "3, 2",
            _ if name.starts_with("Global") => "",
            _ => "2",
        };
        let model = |layer: &str| {
            let source =
                format!("[::keras] struct Net< Input(({input})), {layer}({args}), {layer}({args}, name = last) >;");
            let source =
                if args.is_empty() { source.replace(&format!(", {layer}(, name = last)"), "") } else { source };
            keras_compiler::sequential(source.parse().expect("tokens")).to_string()
        };
        assert_eq!(model(alias), model(name));
        assert!(!model(name).contains("compile_error"), "{}", model(name));
    }
}
