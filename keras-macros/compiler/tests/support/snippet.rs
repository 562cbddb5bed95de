//! What is told of a piece of a user's code, macros, blocks and derives together.

use std::collections::BTreeMap;

use keras_compiler::syntax::layer;
use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;

/// One mistake, from where to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) message: String,
    pub(crate) start: LineColumn,
    pub(crate) end: LineColumn,
}

/// A block that was defined: its tokens, nothing after a mistake in it, and what is said where it stands as an expression.
struct Block {
    given: TokenStream,
    refusal: String,
}

/// The mistakes of a snippet, in the order in which they were written.
pub(crate) fn told(source: &str) -> Vec<Told> {
    let mut run = Run::default();
    if source.contains("derive(Weights)") || source.contains("derive(States)") {
        let expand = if source.contains("derive(Weights)") {
            keras_compiler::weights::expand
        } else {
            keras_compiler::weights::states
        };
        for item in syn::parse_file(source).unwrap_or_else(|error| panic!("{source}: {error}")).items {
            run.errors(expand(item.to_token_stream()));
        }
    } else {
        run.walk(source.parse().unwrap_or_else(|error| panic!("{source}: {error}")));
    }
    run.told.sort_by_key(|told| (told.start.line, told.start.column));
    run.told
}

#[derive(Default)]
struct Run {
    blocks: BTreeMap<String, Block>,
    told: Vec<Told>,
}

impl Run {
    /// Expands the macros in some tokens.
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut i = 0;
        while i < tokens.len() {
            if let Some((name, group)) = call(&tokens[i..]) {
                self.expand(&name, group, tokens[i].span().start());
                i += 3;
                continue;
            }
            if let TokenTree::Group(group) = &tokens[i] {
                self.walk(group.stream());
            }
            i += 1;
        }
    }

    fn expand(&mut self, name: &str, group: &Group, start: LineColumn) {
        let tokens = group.stream();
        match name {
            "sequential" => self.model(keras_compiler::sequential, tokens),
            "model" => self.model(keras_compiler::model, tokens),
            "keras" => self.walk(keras_compiler::keras(tokens)),
            "layer" => {
                let code = keras_compiler::layer(tokens.clone());
                let before = self.told.len();
                let refusal = self.errors(code).unwrap_or_default();
                let given = if self.told.len() == before { tokens.clone() } else { TokenStream::new() };
                if let Ok(definition) = layer::read.parse2(tokens) {
                    self.blocks.insert(definition.name.to_string(), Block { given, refusal });
                }
            }
            other => {
                if let Some(block) = self.blocks.get(other) {
                    self.told.push(Told { message: block.refusal.clone(), start, end: group.span_close().end() });
                }
            }
        }
    }

    /// A model, with the blocks that it asks for.
    fn model(&mut self, compile: fn(TokenStream) -> TokenStream, tokens: TokenStream) {
        let mut code = compile(tokens);
        while let Some(next) = self.answered(&code) {
            code = compile(next);
        }
        self.errors(code);
    }

    /// What the macro of a block answers to `path! { @keras [back] { head } { rest } }`.
    fn answered(&self, code: &TokenStream) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
        let [.., TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(group)] = &tokens[..] else {
            return None;
        };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let [at, keras, _, TokenTree::Group(head), TokenTree::Group(rest)] = &inner[..] else { return None };
        if at.to_string() != "@" || keras.to_string() != "keras" {
            return None;
        }
        let block = self.blocks.get(&name.to_string())?;
        let given = TokenTree::Group(Group::new(Delimiter::Brace, block.given.clone()));
        Some(head.stream().into_iter().chain([given]).chain(rest.stream()).collect())
    }

    /// Collects `compile_error!`; that of a block's own macro, which is told only where it is called, is given back.
    fn errors(&mut self, code: TokenStream) -> Option<String> {
        let tokens: Vec<TokenTree> = code.into_iter().collect();
        let (mut refusal, mut i) = (None, 0);
        while i < tokens.len() {
            match (&tokens[i], tokens.get(i + 3)) {
                (TokenTree::Ident(word), Some(TokenTree::Group(rules))) if word == "macro_rules" => {
                    let mut inner = Run::default();
                    inner.errors(rules.stream());
                    refusal = inner.told.pop().map(|told| told.message);
                    i += 4;
                    continue;
                }
                (TokenTree::Ident(word), _) if word == "compile_error" => {
                    let Some(TokenTree::Group(group)) = tokens.get(i + 2) else {
                        panic!("`compile_error!` has a text")
                    };
                    let message = syn::parse2::<syn::LitStr>(group.stream()).expect("a text").value();
                    self.told.push(Told { message, start: word.span().start(), end: group.span().end() });
                    i += 3;
                    continue;
                }
                (TokenTree::Group(group), _) => refusal = self.errors(group.stream()).or(refusal),
                _ => {}
            }
            i += 1;
        }
        refusal
    }
}

/// `name! { … }` at the front.
fn call(tokens: &[TokenTree]) -> Option<(String, &Group)> {
    match tokens {
        [TokenTree::Ident(name), TokenTree::Punct(mark), TokenTree::Group(group), ..] if mark.as_char() == '!' => {
            Some((name.to_string(), group))
        }
        _ => None,
    }
}
