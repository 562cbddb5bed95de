//! Blocks of layers in a model: `self::Residual!(64)`.
//!
//! The macro cannot see what `layer!` was given. So it expands to a call of the block's own macro, which calls it back with
//! the block's definition in front of the model's tokens, until all definitions are there:
//!
//! ```text
//! sequential! { [krate] struct M< Input(8), self::B!(4) >; }
//! self::B! { @keras [krate::__macros::sequential] { [krate] @block ("self :: B") } { struct M< … >; } }
//! sequential! { [krate] @block ("self :: B") { "crate of B" struct B(n)(x) { … } } struct M< … >; }
//! ```
//!
//! `$crate` in a definition is the crate of the block, so that the crate is part of the key of such a path.
//!
//! Then each call of a block is replaced by the block's own calls.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Path;
use syn::parse::Parser;

use super::call::Wrapped;
use super::layer::{Definition, Parts, read};
use super::{Call, Callee, Model, Node, POISON};
use crate::Errors;
use crate::errors::suggestion;
use crate::layers::args::most_by_position;
use crate::layers::policy;
use crate::layers::values::{field, switch};

/// The most blocks within each other.
const DEPTH: usize = 32;

/// The definitions that were handed over, by the keys that they were asked for with.
#[derive(Default)]
pub struct Blocks {
    /// As they came, to be passed on.
    given: TokenStream,
    /// Those with mistakes, which were told, are nothing.
    definitions: BTreeMap<String, Option<Definition>>,
}

impl Blocks {
    /// Takes the definitions off the front of a macro's tokens.
    #[must_use]
    pub fn take(tokens: TokenStream) -> (Blocks, TokenStream) {
        let mut blocks = Blocks::default();
        let mut rest = tokens.into_iter().peekable();
        while matches!(rest.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '@') {
            let taken: Vec<TokenTree> = rest.by_ref().take(4).collect();
            if let [_, _, TokenTree::Group(key), TokenTree::Group(definition)] = &taken[..]
                && let Ok(key) = syn::parse2::<syn::LitStr>(key.stream())
            {
                blocks.definitions.insert(key.value(), read.parse2(definition.stream()).ok());
            }
            blocks.given.extend(taken);
        }
        (blocks, rest.collect())
    }

    /// The call that asks for a definition which is not there yet.
    pub fn ask(&self, model: &Model, krate: &TokenStream, tokens: &TokenStream) -> Option<TokenStream> {
        let (path, key) = self.missing(&model.layers, &mut Vec::new(), &mut Errors::default())?;
        let word = quote::format_ident!("{}", if model.sequential { "sequential" } else { "model" });
        let given = &self.given;
        Some(quote!(#path ! {
            @keras [#krate::__macros::#word] { [#krate] #given @block (#key) } { #tokens }
        }))
    }

    /// The first block among these layers whose definition is not there, and its key.
    fn missing(&self, layers: &[Call], within: &mut Vec<String>, errors: &mut Errors) -> Option<(Path, String)> {
        for call in layers {
            let inner = call.block_within();
            let Callee::Block(path) = &inner.as_ref().unwrap_or(call).callee else { continue };
            let key = self.key(path, within);
            match self.definitions.get(&key) {
                None => return Some((path.clone(), key)),
                Some(Some(definition)) if !within.contains(&key) && within.len() < DEPTH => {
                    within.push(key);
                    let parts = definition.with(&[], None, errors);
                    let missing = self.missing(&parts.layers, within, errors);
                    within.pop();
                    if missing.is_some() {
                        return missing;
                    }
                }
                Some(_) => {}
            }
        }
        None
    }

    /// What a block is known by that is named within others, the last of which is the one that names it.
    fn key(&self, path: &Path, within: &[String]) -> String {
        let key = path.to_token_stream().to_string();
        match within.last().and_then(|owner| self.definitions.get(owner)?.as_ref()) {
            Some(owner) if path.segments.first().is_some_and(|first| first.ident == "$crate") => {
                format!("{key} of {}", owner.krate)
            }
            _ => key,
        }
    }

    /// Puts the layers of blocks in the places of the blocks. A block with mistakes of its own gives the tokens of a const
    /// that told them.
    pub fn inline(&self, mut model: Model, errors: &mut Errors) -> (Model, Option<TokenStream>) {
        if !model.layers.iter().any(|call| matches!(call.callee, Callee::Block(_)) || call.block_within().is_some()) {
            return (model, None);
        }
        let mut work = Inline { blocks: self, errors, layers: Vec::new(), told: None };
        let layers = std::mem::take(&mut model.layers);
        let calls = std::mem::take(&mut model.calls);
        let (calls, outputs) =
            work.list(layers, None, &calls, model.inputs.len().max(1), &model.outputs, &mut Vec::new());
        let Inline { layers, told, .. } = work;
        (Model { layers, calls, outputs, ..model }, told)
    }
}

struct Inline<'a> {
    blocks: &'a Blocks,
    errors: &'a mut Errors,
    layers: Vec<Call>,
    told: Option<TokenStream>,
}

impl Inline<'_> {
    /// The calls of a list of layers with those of blocks among them in their places, and where its outputs are then.
    /// Results are numbered from the `inputs` on.
    fn list(
        &mut self,
        layers: Vec<Call>,
        parent: Option<usize>,
        calls: &[Node],
        inputs: usize,
        outputs: &[usize],
        within: &mut Vec<String>,
    ) -> (Vec<Node>, Vec<usize>) {
        let mut places = Vec::new();
        let mut bodies: Vec<Option<Parts>> = Vec::new();
        for mut call in layers {
            call.parent = parent;
            places.push(self.layers.len());
            self.layers.push(call.clone());
            if let Some(inner) = call.block_within() {
                self.wrapped(inner, within);
            }
            bodies.push(if let Callee::Block(path) = &call.callee { self.block(path, &call, within) } else { None });
        }
        let mut map: Vec<usize> = (0..inputs).collect();
        let (mut all, mut next) = (Vec::new(), inputs);
        for node in calls {
            let at = |map: &[usize], arg: usize| map.get(arg).copied().unwrap_or(POISON);
            let args: Vec<usize> = node.args.iter().map(|&arg| at(&map, arg)).collect();
            let given = mapped(node, |arg| at(&map, arg));
            let block =
                places.get(node.layer).is_some_and(|&place| matches!(self.layers[place].callee, Callee::Block(_)));
            if !block {
                all.push(Node { layer: places.get(node.layer).copied().unwrap_or(0), args, given, ..node.clone() });
                map.extend(next..next + node.results);
                next += node.results;
                continue;
            }
            let Some(parts) = &bodies[node.layer] else {
                map.extend(std::iter::repeat_n(POISON, node.results));
                continue;
            };
            let name = crate::layers::class(&self.layers[places[node.layer]].callee);
            if parts.inputs != args.len() || parts.outputs.len() != node.results {
                let message = if parts.inputs == args.len() {
                    format!(
                        "`{name}!` gives {}, bound to {} names",
                        counted(parts.outputs.len(), "value"),
                        node.results
                    )
                } else {
                    format!("`{name}!` takes {}, found {}", counted(parts.inputs, "input"), args.len())
                };
                self.errors.at(node.span, message);
                map.extend(std::iter::repeat_n(POISON, node.results));
                continue;
            }
            let mut inner = args;
            for node_in in &parts.calls {
                let args = node_in.args.iter().map(|&arg| at(&inner, arg)).collect();
                let given = mapped(node_in, |arg| at(&inner, arg));
                all.push(Node { args, given, span: node.span, ..node_in.clone() });
                inner.extend(next..next + node_in.results);
                next += node_in.results;
            }
            map.extend(parts.outputs.iter().map(|&output| at(&inner, output)));
        }
        let outputs = outputs.iter().map(|&output| map.get(output).copied().unwrap_or(POISON)).collect();
        (all, outputs)
    }

    /// Puts a block after the last layer, which is wrapped around it.
    fn wrapped(&mut self, mut inner: Call, within: &mut Vec<String>) {
        let wrapper = self.layers.len() - 1;
        let Callee::Block(path) = inner.callee.clone() else { return };
        inner.parent = Some(wrapper);
        self.layers.push(inner.clone());
        let broken = std::mem::replace(&mut self.layers[wrapper].broken, true);
        let Some(Parts { calls, inputs, outputs, .. }) = self.block(&path, &inner, within) else { return };
        if inputs != 1 || outputs.len() != 1 {
            let name = crate::layers::class(&inner.callee);
            let (inputs, outputs) = (counted(inputs, "input"), counted(outputs.len(), "value"));
            let message = format!(
                "a block within another layer takes one input and gives one value; `{name}!` takes {inputs} and gives \
                 {outputs}"
            );
            self.errors.at(inner.span(), message);
            return;
        }
        self.layers[wrapper].broken = broken;
        self.layers[wrapper].wrapped = Some(Wrapped { calls, inputs, outputs });
    }

    /// A block with its arguments, but for its layers, which are in the list then.
    fn block(&mut self, path: &Path, call: &Call, within: &mut Vec<String>) -> Option<Parts> {
        let parent = self.layers.len() - 1;
        let key = self.blocks.key(path, within);
        if within.contains(&key) || within.len() >= DEPTH {
            within.push(key);
            let way: Vec<String> = within.iter().map(|key| written(key)).collect();
            within.pop();
            self.errors.on(&call.tokens, format!("a block cannot contain itself: {}", way.join("! → ") + "!"));
            return None;
        }
        let Some(definition) = self.blocks.definitions.get(&key)?.as_ref() else {
            self.told = Some(quote!(#path::MISTAKES));
            return None;
        };
        let arguments = bind(definition, call, self.errors)?;
        let before = self.errors.len();
        let parts = definition.with(&arguments, Some(call.span()), self.errors);
        if self.errors.len() > before {
            return None;
        }
        within.push(key);
        let Parts { layers, calls, inputs, outputs } = parts;
        let (calls, outputs) = self.list(layers, Some(parent), &calls, inputs, &outputs, within);
        within.pop();
        Some(Parts { layers: Vec::new(), calls, inputs, outputs })
    }
}

/// The results that a call is given by keyword, where they are then.
fn mapped(node: &Node, at: impl Fn(usize) -> usize) -> Vec<(Ident, Vec<usize>)> {
    let each = |(word, values): &(Ident, Vec<usize>)| (word.clone(), values.iter().map(|&value| at(value)).collect());
    node.given.iter().map(each).collect()
}

/// `one input`, `2 inputs`.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("one {what}") } else { format!("{n} {what}s") }
}

/// The path in a key.
fn written(key: &str) -> String {
    key.split(" of ").next().unwrap_or(key).replace([' ', '$'], "")
}

/// The arguments of every block.
pub(crate) const COMMON: [&str; 3] = ["name", "trainable", "dtype"];

/// The arguments of a block, by the names of its parameters. Nothing after a mistake, which it has told.
fn bind(definition: &Definition, call: &Call, errors: &mut Errors) -> Option<Vec<(String, TokenStream)>> {
    let Definition { name, parameters, .. } = definition;
    let before = errors.len();
    let mut bound: Vec<(String, TokenStream)> = Vec::new();
    for (position, argument) in call.args.iter().enumerate() {
        let parameter = match &argument.keyword {
            Some(word) if COMMON.iter().any(|common| word == common) => {
                let value = &argument.value;
                let fits = match word.to_string().as_str() {
                    "name" => field(value).map(drop),
                    "trainable" => switch(value).map(drop),
                    _ => policy::read(value).map(drop),
                };
                let label = |error: syn::Error| syn::Error::new(error.span(), format!("`{name}!`: `{word}` {error}"));
                errors.take(fits.map_err(label));
                continue;
            }
            Some(word) => {
                let found = parameters.iter().find(|(parameter, _)| parameter == word);
                if found.is_none() {
                    let own = parameters.iter().map(|(name, _)| name.to_string());
                    let all: Vec<String> = own.chain(COMMON.map(Into::into)).collect();
                    let near = suggestion(&word.to_string(), all.iter().map(String::as_str));
                    let message = format!("`{name}!` has no argument `{word}`{near}\navailable: {}", all.join(", "));
                    errors.at(word.span(), message);
                }
                found
            }
            None => {
                let found = parameters.get(position);
                if found.is_none() {
                    errors.on(&argument.value, format!("`{name}!` takes {}", most_by_position(parameters.len())));
                }
                found
            }
        };
        let Some((parameter, _)) = parameter else { continue };
        let parameter = parameter.to_string();
        if bound.iter().any(|(name, _)| *name == parameter) {
            let message = format!("`{name}!`: the argument `{parameter}` is given twice");
            match &argument.keyword {
                Some(word) => errors.at(word.span(), message),
                None => errors.on(&argument.value, message),
            }
            continue;
        }
        bound.push((parameter, argument.value.to_token_stream()));
    }
    for (parameter, default) in parameters {
        if bound.iter().any(|(name, _)| parameter == name) {
            continue;
        }
        match default {
            Some(default) => bound.push((parameter.to_string(), default.clone())),
            None if errors.len() > before || call.broken => {}
            None => errors.on(&call.tokens, format!("`{name}!` needs the argument `{parameter}`")),
        }
    }
    (errors.len() == before && !call.broken).then_some(bound)
}
