//! From the block of a function to single-assignment form: what all parts of the reader share.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use super::shape::{Claims, Shape, mentions};
use super::syntax::{Function, Source};
use super::values::{Block, Check, Id, Op, Program, Step, Value};
use crate::Errors;
use crate::errors::suggestion;
use crate::layers::values::bare;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// A value; nothing after a mistake in it, which was told.
    Value(Option<Id>),
    /// A loop variable, with the first and the last number that it takes.
    Index(super::index::Interval),
}

#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) word: Ident,
    pub(super) meaning: Meaning,
    pub(super) mutable: bool,
}

pub(super) struct Reader<'a> {
    pub(super) errors: &'a mut Errors,
    pub(super) program: Program,
    pub(super) steps: Vec<Step>,
    pub(super) scope: Vec<Name>,
    pub(super) number: TokenStream,
    /// All functions of this `gradient!`.
    pub(super) source: &'a Source,
    /// The sizes that the function is generic over.
    pub(super) generics: &'a [Ident],
    /// How many parameters there are: they come first in the scope.
    pub(super) parameters: usize,
    blocks: usize,
}

/// The function in single-assignment form. Nothing after a mistake, which was told.
pub fn program(source: &Source, function: &Function, errors: &mut Errors) -> Option<Program> {
    read(source, function, false, errors)
}

/// The same, as if the gradients of all parameters were asked for.
pub fn all_active(source: &Source, function: &Function, errors: &mut Errors) -> Option<Program> {
    read(source, function, true, errors)
}

fn read(source: &Source, function: &Function, all: bool, errors: &mut Errors) -> Option<Program> {
    let block = function.block.as_ref()?;
    let before = errors.len();
    let number = function.number.clone();
    let mut reader = Reader {
        errors,
        program: Program::default(),
        steps: Vec::new(),
        scope: Vec::new(),
        number,
        source,
        generics: &function.generics,
        parameters: function.parameters.len(),
        blocks: 0,
    };
    for parameter in &function.parameters {
        let id = reader.value(parameter.shape.clone(), all || parameter.active, Some(parameter.name.to_string()));
        reader.bind(&parameter.name, Some(id), false);
    }
    let (steps, result) = reader.inner(block);
    match (result, block.stmts.last()) {
        (Some(Some(result)), Some(last)) => {
            let shape = &reader.program.values[result].shape;
            if !shape.is_scalar() && function.scalar {
                let message =
                    format!("the function gives a number, this has the shape {shape}: end with `.sum()` or `.mean()`");
                reader.errors.on(last, message);
            }
            reader.program.parameters = function.parameters.len();
            reader.program.block = Block { steps, results: vec![result] };
        }
        (Some(_), _) => {}
        // The mistake may well be in the last statement.
        (None, _) if reader.errors.len() > before => {}
        (None, _) => {
            let message = "the block gives no value: end it with an expression, without `;`";
            reader.errors.at(block.brace_token.span.close(), message);
        }
    }
    (reader.errors.len() == before).then_some(reader.program)
}

impl Reader<'_> {
    pub(super) fn value(&mut self, shape: Shape, active: bool, name: Option<String>) -> Id {
        self.program.values.push(Value { shape, active, constant: None, name });
        self.program.values.len() - 1
    }

    pub(super) fn constant(&mut self, tokens: TokenStream) -> Id {
        let value = Value { shape: Shape::scalar(), active: false, constant: Some(tokens), name: None };
        self.program.values.push(value);
        self.program.values.len() - 1
    }

    pub(super) fn shape(&self, id: Id) -> &Shape {
        &self.program.values[id].shape
    }

    pub(super) fn emit(&mut self, op: Op, shape: Shape) -> Id {
        let active = op.operands().iter().any(|&id| self.program.values[id].active);
        let id = self.value(shape, active, None);
        self.steps.push(Step::Let(id, op));
        id
    }

    /// Has rustc check what the macro cannot.
    pub(super) fn check(&mut self, claims: Claims, span: Span, message: &str) {
        for (a, b) in claims {
            let (a, b) = (a.tokens(), b.tokens());
            self.assert(&quote!(#a == #b), span, message);
        }
    }

    /// Has rustc check that this holds.
    pub(super) fn assert(&mut self, holds: &TokenStream, span: Span, message: &str) {
        let generic = mentions(holds, self.generics);
        // The message is an argument, since sizes may be written with braces.
        let assertion = quote_spanned!(span=> ::core::assert!(#holds, "{}", #message));
        self.program.checks.push(Check { assertion, span, generic });
    }

    /// The value under the way in which `shape` writes its sizes, repeated to it if need be.
    pub(super) fn broadcast(&mut self, id: Id, shape: &Shape) -> Id {
        let from = self.shape(id).clone();
        let skipped = shape.rank() - from.rank();
        let fitted =
            from.0.iter().zip(&shape.0[skipped..]).map(|(from, to)| {
                if from.value() == Some(1) && to.value() != Some(1) { from.clone() } else { to.clone() }
            });
        let fitted = Shape(fitted.collect());
        let id = if fitted.same(&from) { id } else { self.emit(Op::Fit(id), fitted.clone()) };
        if fitted.same(shape) { id } else { self.emit(Op::Broadcast(id), shape.clone()) }
    }

    /// The value, if it has this shape; otherwise tells what `what` is.
    pub(super) fn expect(&mut self, id: Id, shape: &Shape, span: Span, what: &str) -> Option<Id> {
        let found = self.shape(id).clone();
        let expected = shape.described();
        let found_there = if shape.is_scalar() { found.described() } else { found.to_string() };
        let message = format!("{what}: expected {expected}, found {found_there}");
        let Some(claims) = found.claims(shape) else {
            self.errors.at(span, message);
            return None;
        };
        self.check(claims, span, &message);
        Some(self.broadcast(id, shape))
    }

    pub(super) fn bind(&mut self, word: &Ident, value: Option<Id>, mutable: bool) {
        self.scope.push(Name { word: word.clone(), meaning: Meaning::Value(value), mutable });
    }

    pub(super) fn next_block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks
    }

    pub(super) fn unknown(&mut self, word: &Ident) {
        let text = word.to_string();
        if super::functions::find(&text).is_some() || self.source.names.contains(word) {
            self.errors.at(word.span(), format!("`{text}` is a function: write `{text}(x)`"));
            return;
        }
        let names: Vec<String> = self.scope.iter().map(|name| name.word.to_string()).collect();
        let near = suggestion(&text, names.iter().map(String::as_str));
        self.errors.at(word.span(), format!("unknown variable `{text}`{near}"));
    }
}

/// The word that an expression consists of.
pub(super) fn simple(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// The product of sizes as a number.
pub(super) fn count(shape: &Shape, number: &TokenStream) -> TokenStream {
    let len = shape.len();
    quote!(((#len) as #number))
}
