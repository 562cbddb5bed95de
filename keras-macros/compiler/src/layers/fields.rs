//! What layers, inputs and local variables are called in the generated code.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;

use super::Lower;
use crate::syntax::{Callee, Model};

/// The const generic of a chain without `Input`: a name that stands in none of its arguments.
pub(super) fn width(model: &Model) -> Ident {
    fn contains(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => contains(group.stream(), name),
            TokenTree::Ident(word) => word == name,
            _ => false,
        })
    }
    let mut name = String::from("IN");
    while model.layers.iter().any(|call| contains(call.tokens.clone(), &name)) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

impl Lower<'_> {
    /// The name of each layer of the model: as given, or Keras's: `dense`, `dense_1`.
    pub(super) fn names(&mut self, model: &Model) -> Vec<String> {
        // Names differ within the model, and within each block.
        let mut taken: HashMap<(Option<usize>, String), Span> = HashMap::new();
        let mut given: Vec<Option<String>> = Vec::new();
        for call in &model.layers {
            let argument =
                call.args.iter().find(|argument| argument.keyword.as_ref().is_some_and(|word| word == "name"));
            // A name that cannot be one is told with the arguments.
            let name = argument.and_then(|argument| super::words::word(&argument.value)).filter(|name| is_name(name));
            if let (Some(name), Some(argument)) = (&name, argument) {
                let span = syn::spanned::Spanned::span(&argument.value);
                if taken.insert((call.parent, name.clone()), span).is_some() {
                    self.errors.at(span, format!("two layers are named `{name}`; names of layers must differ"));
                }
            }
            given.push(name);
        }
        let mut counts: HashMap<(Option<usize>, String), usize> = HashMap::new();
        given
            .into_iter()
            .zip(&model.layers)
            .map(|(name, call)| {
                name.unwrap_or_else(|| {
                    let class = class_of(&call.callee);
                    let mut base = super::objects::snake(class.trim_start_matches("r#"));
                    if !is_name(&base) {
                        base.push('_');
                    }
                    loop {
                        let count = counts.entry((call.parent, base.clone())).or_default();
                        let name = if *count == 0 { base.clone() } else { format!("{base}_{count}") };
                        *count += 1;
                        if !taken.contains_key(&(call.parent, name.clone())) {
                            return name;
                        }
                    }
                })
            })
            .collect()
    }

    /// Makes the names of local variables differ, those of gradients included.
    pub(super) fn distinct(&mut self) {
        let mut taken: HashSet<String> = HashSet::new();
        for (i, value) in self.graph.values.iter_mut().enumerate() {
            let mut name = value.name.to_string();
            let mut gradient = format!("d_{name}");
            if taken.contains(&name) || taken.contains(&gradient) {
                while taken.contains(&name) || taken.contains(&gradient) {
                    name.push('_');
                    gradient.push('_');
                }
                value.name = local(&name);
            }
            value.gradient = Ident::new(&gradient, Span::mixed_site());
            if let Some(input) = self.graph.inputs.get_mut(i) {
                input.name = value.name.clone();
            }
            taken.insert(gradient);
            taken.insert(name);
        }
    }
}

/// What a path makes: its last word, or the one before if that is a function (`self::Scale::new`).
pub(super) fn class(path: &syn::Path) -> String {
    let words = || path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let kind = words().take(2).find(|word| !word.starts_with(char::is_lowercase));
    kind.or_else(|| words().next()).unwrap_or_default()
}

/// What is called.
pub(crate) fn class_of(callee: &Callee) -> String {
    match callee {
        Callee::Word(word) => word.to_string(),
        Callee::Path(path) | Callee::Block(path) => class(path),
    }
}

/// Whether a word can be the name of a layer, which is that of a field.
#[must_use]
pub(super) fn is_name(word: &str) -> bool {
    // No keyword has a digit or a word after a `_`.
    let ascii = word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if ascii && word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().any(|c| !c.is_ascii_lowercase()) {
        return true;
    }
    // `gen` is a keyword of the edition that generated code is written in, and not of syn's.
    syn::parse_str::<Ident>(word).is_ok() && !word.starts_with("r#") && word != "gen"
}

/// The name of a local variable of the generated code, which meets none of the others: these have hygiene of their own.
pub(super) fn local(name: &str) -> Ident {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if name.starts_with(|c: char| !c.is_lowercase() && c != '_') {
        // Not a word that a pattern takes for a const or a variant.
        format_ident!("v_{}", name, span = Span::mixed_site())
    } else if is_name(name) {
        Ident::new(name, Span::mixed_site())
    } else {
        format_ident!("{}_", name, span = Span::mixed_site())
    }
}
