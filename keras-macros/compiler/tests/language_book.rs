//! The tables of layers in the chapter on the language are the compiler's own list.
//!
//! `BOOK=overwrite cargo test -p keras-compiler --test language_book` writes the arguments anew.

use keras_compiler::layers::{Kind, LAYERS, Spec};

const CHAPTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book/src/language.md");

fn argument(layer: &Spec, name: &str, kind: Kind) -> Option<String> {
    let default = match kind {
        Kind::Size
        | Kind::RequiredSizes(_)
        | Kind::Layer
        | Kind::Cell
        | Kind::Cells
        | Kind::TargetShape
        | Kind::Equation
        | Kind::PartialShape
        | Kind::Float
        | Kind::Share
        | Kind::Ints
        | Kind::RequiredActivation => {
            return Some(format!("`{name}`"));
        }
        Kind::Absent(_) => return None,
        Kind::Number(x) | Kind::NotNegative(x) | Kind::Positive(x) => format!("{x:?}"),
        Kind::Int(i) => i.to_string(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Initializer(name) | Kind::ActivationOr(name) => name.into(),
        Kind::Sizes(_) => "2".into(),
        Kind::Pairs(_) if layer.name == "Cropping2D" => "0".into(),
        Kind::Pairs(_) => "1".into(),
        Kind::Interpolation => "nearest".into(),
        Kind::Axes => "-1".into(),
        Kind::Auto => "auto".into(),
        Kind::MergeMode => "concat".into(),
        Kind::ScoreMode => "dot".into(),
        Kind::Off(_) => "false".into(),
        Kind::Ones(_) | Kind::One => "1".into(),
        Kind::Padding | Kind::CausalPadding => "valid".into(),
        Kind::OptionalSize
        | Kind::OptionalFloat
        | Kind::OptionalInts
        | Kind::OptionalSizes(_)
        | Kind::OptionalCounts(_)
        | Kind::Limit
        | Kind::NoiseShape
        | Kind::Letters
        | Kind::Seed
        | Kind::Clipping
        | Kind::Activation
        | Kind::Regularizer
        | Kind::Constraint
        | Kind::Channels
        | Kind::OptionalLayer
        | Kind::Policy
        | Kind::Name => "None".into(),
    };
    Some(format!("`{name} = {default}`"))
}

/// The chapter with the arguments as they are.
fn written(chapter: &str) -> (String, Vec<&'static str>) {
    let (mut text, mut found) = (String::new(), Vec::new());
    for line in chapter.lines() {
        let columns: Vec<&str> = line.split(" | ").collect();
        let name = columns[0].strip_prefix("| `").and_then(|name| name.strip_suffix('`'));
        let layer = name.and_then(|name| LAYERS.iter().map(|layer| layer.spec()).find(|spec| spec.name == name));
        match (layer, line.rsplit_once("| ")) {
            (Some(spec), Some((_, what))) => {
                let arguments = spec.args.iter().filter_map(|(name, kind)| argument(spec, name, *kind));
                let arguments = arguments.collect::<Vec<_>>().join(", ");
                let arguments = if arguments.is_empty() { "none" } else { &arguments };
                text += &format!("| `{}` | {arguments} | {what}\n", spec.name);
                found.push(spec.name);
            }
            _ => text += &format!("{line}\n"),
        }
    }
    (text, found)
}

#[test]
fn tables_have_all_layers_and_their_arguments() {
    let chapter = std::fs::read_to_string(CHAPTER).unwrap_or_else(|error| panic!("{CHAPTER}: {error}"));
    let (text, mut found) = written(&chapter);
    if std::env::var("BOOK").is_ok_and(|value| value == "overwrite") {
        std::fs::write(CHAPTER, &text).expect("the chapter can be written");
    } else {
        for (line, (there, here)) in chapter.lines().zip(text.lines()).enumerate() {
            assert_eq!(there, here, "line {} of {CHAPTER}", line + 1);
        }
    }
    let mut all: Vec<&str> = LAYERS.iter().map(|layer| layer.spec().name).collect();
    all.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, all);
}
