//! The block of a graph: what each name stands for, and which layer is applied to what.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Pat, Stmt};

use crate::Errors;
use crate::errors::suggestion;
use crate::layers::values::bare;
use crate::syntax::call::argument;
use crate::syntax::{Argument, Call, Callee, Input, Node, POISON};

#[derive(Clone, Copy)]
enum Meaning {
    Value(usize),
    Layer(usize),
    /// A mistake was told: anything may be done with it.
    Unknown,
}

/// What a call is given by keyword: words and numbers, and values.
#[derive(Default)]
struct Named {
    words: Vec<Argument>,
    values: Vec<(Ident, Vec<usize>)>,
}

pub(in crate::syntax) struct Reader<'a> {
    errors: &'a mut Errors,
    names: BTreeMap<String, Meaning>,
    layers: Vec<Call>,
    calls: Vec<Node>,
    next: usize,
    used: Vec<bool>,
}

impl Reader<'_> {
    /// The layers, the calls of them, and the results that are outputs.
    pub(in crate::syntax) fn read(
        inputs: &[Input],
        block: &Block,
        errors: &mut Errors,
    ) -> (Vec<Call>, Vec<Node>, Vec<usize>) {
        let mut reader = Reader {
            errors,
            names: BTreeMap::new(),
            layers: Vec::new(),
            calls: Vec::new(),
            next: inputs.len(),
            used: vec![false; inputs.len()],
        };
        for (i, input) in inputs.iter().enumerate() {
            if let Some(name) = &input.name
                && reader.names.insert(name.to_string(), Meaning::Value(i)).is_some()
            {
                reader.errors.at(name.span(), format!("two inputs are named `{name}`"));
            }
        }
        let outputs = reader.block(block);
        for &output in &outputs {
            reader.mark(output);
        }
        if reader.errors.is_empty() {
            reader.unused(inputs);
        }
        (reader.layers, reader.calls, outputs)
    }

    /// Tells what no output depends on: its weights would have no gradient.
    fn unused(&mut self, inputs: &[Input]) {
        for (input, _) in inputs.iter().zip(&self.used).filter(|(_, used)| !**used) {
            let name = input.name.as_ref().map_or_else(String::new, ToString::to_string);
            self.errors.at(input.span, format!("the input `{name}` is not used; leave it out or use it"));
        }
        let mut first = inputs.len();
        for node in &self.calls {
            if !self.used[first..first + node.results].contains(&true) {
                self.errors.at(node.span, "what this gives is not used; leave it out or use it");
            }
            first += node.results;
        }
        for (i, layer) in self.layers.iter().enumerate() {
            if !self.calls.iter().any(|node| node.layer == i) {
                self.errors.at(layer.span(), "this layer is never called; leave it out or call it");
            }
        }
    }

    fn mark(&mut self, value: usize) {
        if let Some(used) = self.used.get_mut(value) {
            *used = true;
        }
    }

    fn block(&mut self, block: &Block) -> Vec<usize> {
        const NEEDED: &str = "a model needs an output: end the block with a value or a tuple of values";
        let Some((last, before)) = block.stmts.split_last() else {
            self.errors.on(block, NEEDED);
            return Vec::new();
        };
        for statement in before {
            self.statement(statement);
        }
        match last {
            Stmt::Expr(Expr::Tuple(tuple), None) if !tuple.elems.is_empty() => {
                tuple.elems.iter().map(|value| self.value(value)).collect()
            }
            Stmt::Expr(value, None) => vec![self.value(value)],
            Stmt::Expr(value, Some(semicolon)) if !matches!(value, Expr::Assign(_)) => {
                self.errors.on(semicolon, "a model ends with its output: leave out this `;`");
                vec![POISON]
            }
            other => {
                let before = self.errors.len();
                self.statement(other);
                if self.errors.len() == before {
                    self.errors.on(other, NEEDED);
                }
                vec![POISON]
            }
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let Stmt::Local(local) = statement else {
            self.errors.on(statement, "expected `let name = …;`: a model is made of layers and their calls");
            // What was meant to be bound is not said to be missing.
            if let Stmt::Expr(Expr::Assign(assign), _) = statement
                && let Expr::Path(path) = &*assign.left
                && let Some(name) = path.path.get_ident()
            {
                self.names.insert(name.to_string(), Meaning::Unknown);
            }
            return;
        };
        let Some(init) = &local.init else {
            self.errors.on(local, "expected a layer or a value: `let h = Dense(64)(x);`");
            self.bind(&local.pat, Meaning::Unknown);
            return;
        };
        if let Some((diverge, _)) = &init.diverge {
            self.errors.on(diverge, "a model has no `else`");
        }
        match &local.pat {
            Pat::Tuple(tuple) => {
                let first = self.results(&init.expr, tuple.elems.len());
                for (i, pat) in tuple.elems.iter().enumerate() {
                    self.bind(pat, if first == POISON { Meaning::Unknown } else { Meaning::Value(first + i) });
                }
            }
            pat => {
                let meaning = match self.layer(&init.expr) {
                    Some(POISON) => Meaning::Unknown,
                    Some(layer) => Meaning::Layer(layer),
                    None => match self.value(&init.expr) {
                        POISON => Meaning::Unknown,
                        value => Meaning::Value(value),
                    },
                };
                self.bind(pat, meaning);
            }
        }
    }

    fn bind(&mut self, pat: &Pat, meaning: Meaning) {
        match pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                self.names.insert(name.ident.to_string(), meaning);
            }
            Pat::Wild(_) => {}
            Pat::Type(typed) => {
                self.errors.on(&typed.ty, "a value has the type that comes out: write `let name = …;`");
                self.bind(&typed.pat, Meaning::Unknown);
            }
            other => {
                self.errors.on(other, "expected a name");
                self.unknown(other.to_token_stream());
            }
        }
    }

    /// The words of a pattern that was refused are not said to be missing.
    fn unknown(&mut self, pat: TokenStream) {
        for token in pat {
            match token {
                TokenTree::Ident(word) => {
                    self.names.insert(word.to_string(), Meaning::Unknown);
                }
                TokenTree::Group(group) => self.unknown(group.stream()),
                _ => {}
            }
        }
    }

    fn meaning(&self, name: &Ident) -> Option<Meaning> {
        self.names.get(&name.to_string()).copied()
    }

    /// The layer that an expression makes or names; nothing if it is a value.
    fn layer(&mut self, expr: &Expr) -> Option<usize> {
        match expr {
            Expr::Paren(paren) => self.layer(&paren.expr),
            Expr::Group(group) => self.layer(&group.expr),
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.meaning(name)) {
                Some(Meaning::Layer(layer)) => Some(layer),
                Some(Meaning::Unknown) => Some(POISON),
                Some(Meaning::Value(_)) => None,
                // A word that no `let` has bound names a layer if it begins like one.
                None => {
                    let name = path.path.segments.last()?.ident.to_string();
                    let named = path.path.segments.len() > 1 || name.starts_with(char::is_uppercase);
                    named.then(|| self.make(expr))
                }
            },
            Expr::Call(call) => match bare(&call.func) {
                Expr::Path(path) => match path.path.get_ident() {
                    Some(name) if self.meaning(name).is_some() => None,
                    Some(name) if !name.to_string().starts_with(char::is_uppercase) => Some(self.absent(name)),
                    _ => Some(self.make(expr)),
                },
                _ => None,
            },
            Expr::Macro(_) => Some(self.make(expr)),
            _ => None,
        }
    }

    /// Tells that no layer is bound to a name.
    fn absent(&mut self, name: &Ident) -> usize {
        let word = name.to_string();
        let bound = self.names.iter().filter(|(_, meaning)| matches!(meaning, Meaning::Layer(_)));
        let mut near = suggestion(&word, bound.map(|(name, _)| name.as_str()));
        if near.is_empty() {
            near = crate::layers::suggested(&word).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        }
        self.errors.at(name.span(), format!("there is no layer `{word}` here{near}"));
        POISON
    }

    fn make(&mut self, expr: &Expr) -> usize {
        match Call::from_expr(expr, self.errors) {
            Some(call) => {
                self.layers.push(call);
                self.layers.len() - 1
            }
            None => POISON,
        }
    }

    fn value(&mut self, expr: &Expr) -> usize {
        self.results(expr, 1)
    }

    /// The first of the results of an expression.
    fn results(&mut self, expr: &Expr, results: usize) -> usize {
        match expr {
            Expr::Paren(paren) => self.results(&paren.expr, results),
            Expr::Group(group) => self.results(&group.expr, results),
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let value = self.named(path);
                if results != 1 && value != POISON {
                    self.errors.on(path, format!("this is one value, bound to {results} names"));
                    return POISON;
                }
                value
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::Add(_)) => {
                let mut terms = Vec::new();
                self.terms(expr, &mut terms);
                self.layers.push(Call {
                    callee: Callee::Word(Ident::new("Add", binary.op.span())),
                    args: Vec::new(),
                    broken: false,
                    tokens: expr.to_token_stream(),
                    parent: None,
                    wrapped: None,
                });
                self.apply(self.layers.len() - 1, terms, Named::default(), results, expr.span())
            }
            Expr::Binary(binary) => {
                let message = "only `+` is defined on values; use a layer, such as `Concatenate()(a, b)`";
                self.errors.on(binary.op, message);
                POISON
            }
            Expr::Call(call) => self.call(call, results),
            other => {
                self.errors.on(other, "expected a value: an input, or a layer's call such as `Dense(64)(x)`");
                POISON
            }
        }
    }

    fn call(&mut self, call: &syn::ExprCall, results: usize) -> usize {
        let func = bare(&call.func);
        let word = if let Expr::Path(path) = func { path.path.get_ident() } else { None };
        let layer = match (self.layer(func), word.and_then(|word| self.meaning(word)), func) {
            (Some(layer), None, Expr::Path(path)) => {
                // The arguments are those of the layer itself.
                if layer != POISON {
                    let name = path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string());
                    let message = format!("`{name}` is a layer, not a value: call it, `{name}(…)(x)`");
                    self.errors.on(call, message);
                    self.layers.pop();
                }
                return POISON;
            }
            (Some(layer), ..) => layer,
            (None, Some(Meaning::Value(_)), _) => {
                self.errors.on(func, "this is a value, not a layer: only a layer can be called");
                return POISON;
            }
            (None, None, Expr::Path(_)) => return word.map_or(POISON, |word| self.absent(word)),
            _ => {
                self.errors.on(func, "expected a layer before these arguments");
                return POISON;
            }
        };
        let (mut args, mut named) = (Vec::new(), Named::default());
        for arg in &call.args {
            match self.errors.take(argument(arg)) {
                Some(Argument { keyword: None, value: Expr::Array(list) }) => {
                    args.extend(list.elems.iter().map(|value| self.value(value)));
                }
                Some(Argument { keyword: None, value }) => args.push(self.value(&value)),
                Some(Argument { keyword: Some(word), value }) if self.gives_values(&value) => {
                    let values = match bare(&value) {
                        Expr::Array(list) => list.elems.iter().map(|value| self.value(value)).collect(),
                        value => vec![self.value(value)],
                    };
                    named.values.push((word, values));
                }
                Some(keyword) => named.words.push(keyword),
                None => args.push(POISON),
            }
        }
        if layer == POISON { POISON } else { self.apply(layer, args, named, results, call.span()) }
    }

    fn named(&mut self, path: &syn::ExprPath) -> usize {
        let Some(word) = path.path.get_ident() else { return POISON };
        match self.meaning(word) {
            Some(Meaning::Value(value)) => value,
            Some(Meaning::Unknown) => POISON,
            Some(Meaning::Layer(_)) => {
                self.errors.on(path, format!("`{word}` is a layer, not a value: call it, `{word}(x)`"));
                POISON
            }
            None if word.to_string().starts_with(char::is_uppercase) => {
                self.errors.on(path, format!("`{word}` is a layer, not a value: call it, `{word}(…)(x)`"));
                POISON
            }
            None => {
                let near = suggestion(&word.to_string(), self.names.keys().map(String::as_str));
                self.errors.on(path, format!("there is no value `{word}` here{near}"));
                POISON
            }
        }
    }

    /// The terms of a sum, which is one `Add`.
    fn terms(&mut self, expr: &Expr, terms: &mut Vec<usize>) {
        match expr {
            Expr::Binary(binary) if matches!(binary.op, BinOp::Add(_)) => {
                self.terms(&binary.left, terms);
                terms.push(self.value(&binary.right));
            }
            other => terms.push(self.value(other)),
        }
    }

    /// Whether what is given by keyword are values: a name that is bound to one, a list of them, a layer's call.
    fn gives_values(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Path(path) => {
                let meaning = path.path.get_ident().and_then(|word| self.meaning(word));
                matches!(meaning, Some(Meaning::Value(_) | Meaning::Unknown))
            }
            Expr::Array(list) => list.elems.iter().any(|value| self.gives_values(value)),
            Expr::Call(call) => matches!(bare(&call.func), Expr::Call(_)) || self.bound(&call.func),
            _ => false,
        }
    }

    /// Whether a word is the name of a layer here.
    fn bound(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = bare(expr) else { return false };
        path.path.get_ident().is_some_and(|word| matches!(self.meaning(word), Some(Meaning::Layer(_))))
    }

    fn apply(&mut self, layer: usize, args: Vec<usize>, named: Named, results: usize, span: Span) -> usize {
        for &arg in args.iter().chain(named.values.iter().flat_map(|(_, values)| values)) {
            self.mark(arg);
        }
        let Named { words: keywords, values: given } = named;
        self.calls.push(Node { layer, args, keywords, given, results, span });
        self.next += results;
        self.used.resize(self.next, false);
        self.next - results
    }
}
