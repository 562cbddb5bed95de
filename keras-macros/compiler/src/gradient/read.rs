//! From the block of a function to single-assignment form: names, `let`, assignments, branches, loops.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Expr, Pat, Stmt};

use super::shape::{Claims, Shape, mentions};
use super::syntax::{self, Function, Source};
use super::values::{Binary, Block, Check, Id, Op, Program, Step, Value};
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
    parameters: usize,
    blocks: usize,
}

pub(super) const STATEMENTS: &str = "`gradient!` knows `let`, `if`, `for` over a range, and assignments";

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

    /// The steps of a block in its own scope, and what it gives: nothing if it ends with a statement.
    pub(super) fn inner(&mut self, block: &syn::Block) -> (Vec<Step>, Option<Option<Id>>) {
        let outer = std::mem::take(&mut self.steps);
        let names = self.scope.len();
        let mut result = None;
        for (i, statement) in block.stmts.iter().enumerate() {
            let last = i + 1 == block.stmts.len();
            match statement {
                Stmt::Expr(expr, None) if last && !ends_in_statement(expr) => result = Some(self.expr(expr)),
                statement => self.statement(statement),
            }
        }
        self.scope.truncate(names);
        (std::mem::replace(&mut self.steps, outer), result)
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Local(local) => self.local(local),
            Stmt::Expr(expr, _) => match bare(expr) {
                Expr::If(branch) => {
                    self.branch(branch, false);
                }
                Expr::ForLoop(turn) => self.turns(turn),
                Expr::Assign(assign) => self.assign(&assign.left, None, &assign.right, assign.eq_token.span()),
                Expr::Binary(binary) => match compound(&binary.op) {
                    Some(op) => self.assign(&binary.left, Some(op), &binary.right, binary.op.span()),
                    None => self.errors.on(expr, "this value is not used; leave it out or use it"),
                },
                Expr::While(_) | Expr::Loop(_) => {
                    let message = "the number of turns must be known: write `for i in 0..10`, with an `if` in it";
                    self.errors.on(expr, message);
                }
                Expr::Break(_) | Expr::Continue(_) => {
                    self.errors.on(expr, "every turn of a loop is taken to its end: write an `if` around what follows");
                }
                Expr::Return(_) => {
                    self.expr(expr);
                }
                Expr::MethodCall(_) | Expr::Call(_) | Expr::Path(_) | Expr::Lit(_) => {
                    self.errors.on(expr, "this value is not used; leave it out or use it");
                }
                _ => self.errors.on(expr, STATEMENTS),
            },
            Stmt::Macro(call) => {
                let name = call.mac.path.to_token_stream();
                self.errors.on(&call.mac.path, format!("`{name}!` is not known: {STATEMENTS}"));
            }
            other => self.errors.on(other, STATEMENTS),
        }
    }

    fn local(&mut self, local: &syn::Local) {
        let (pattern, kind) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        if let (Some(init), None) = (&local.init, kind)
            && self.taken_apart(pattern, &init.expr)
        {
            return;
        }
        let before = self.errors.len();
        let value = match &local.init {
            Some(init) if init.diverge.is_some() => {
                self.errors.on(local, "`let … else` is not known: write `let x = if a > b { x } else { y };`");
                self.declare(pattern);
                return;
            }
            Some(init) => match (bare(&init.expr), pattern) {
                // That there is no tuple is told by the pattern.
                (Expr::Tuple(tuple), Pat::Tuple(_)) => {
                    for element in &tuple.elems {
                        self.expr(element);
                    }
                    None
                }
                _ => self.expr(&init.expr),
            },
            None => {
                self.errors.on(local, "expected a value: `let x = …;`");
                self.declare(pattern);
                return;
            }
        };
        let value = match (kind, value) {
            (Some(kind), Some(id)) => self.annotated(id, kind),
            (_, value) => value,
        };
        match pattern {
            Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
                if let Some(id) = value {
                    self.program.values[id].name.get_or_insert_with(|| ident.ident.to_string());
                }
                self.bind(&ident.ident, value, ident.mutability.is_some());
            }
            other => {
                if self.errors.len() == before {
                    self.errors.on(other, "expected one name for each `let`: `let x = …;`");
                }
                self.declare(other);
            }
        }
    }

    fn annotated(&mut self, id: Id, kind: &syn::Type) -> Option<Id> {
        let (shape, element) = syntax::array(kind);
        if syntax::element(element).is_none_or(|element| element.to_string() != self.number.to_string()) {
            let number = &self.number;
            self.errors.on(kind, format!("expected `{number}` or an array of it"));
            return None;
        }
        if !self.sized(&shape, kind.span()) {
            return None;
        }
        self.expect(id, &shape, kind.span(), "this type")
    }

    /// `x = value`, `x += value`, `x[i] = value`.
    fn assign(&mut self, left: &Expr, op: Option<Binary>, right: &Expr, span: Span) {
        let mut places = Vec::new();
        let mut target = bare(left);
        while let Expr::Index(index) = target {
            places.push(&*index.index);
            target = bare(&index.expr);
        }
        places.reverse();
        let Some(word) = simple(target) else {
            self.errors.on(left, "expected a variable before the `=`");
            return;
        };
        let Some(at) = self.scope.iter().rposition(|name| name.word == *word) else {
            self.unknown(word);
            self.expr(right);
            return;
        };
        let Meaning::Value(before) = self.scope[at].meaning else {
            self.errors.on(left, format!("the loop variable `{word}` cannot be assigned to"));
            return;
        };
        let value = self.expr(right);
        if !self.scope[at].mutable {
            let message = if at < self.parameters {
                format!("parameters are not changed: write `let mut {word} = {word};` before")
            } else {
                format!("`{word}` is assigned to: write `let mut {word}`")
            };
            self.errors.on(word, message);
            return;
        }
        let (Some(before), Some(mut value)) = (before, value) else {
            self.scope[at].meaning = Meaning::Value(None);
            return;
        };
        let after = (|| {
            let mut inside = before;
            let mut tokens = Vec::new();
            for place in &places {
                let (index, shape) = self.place(inside, place)?;
                tokens.push(index.clone());
                inside = if op.is_some() {
                    self.emit(Op::Index(index, inside), shape)
                } else {
                    // Only its shape is asked for.
                    self.value(shape, false, None)
                };
            }
            let shape = self.shape(inside).clone();
            if let Some(op) = op {
                value = self.binary(op, inside, value, span)?;
            }
            let value = self.expect(value, &shape, span, &format!("`{word}` keeps its shape"))?;
            if places.is_empty() {
                return Some(value);
            }
            let shape = self.shape(before).clone();
            Some(self.emit(Op::Replace { at: tokens, of: before, by: value }, shape))
        })();
        if let Some(after) = after {
            self.program.values[after].name.get_or_insert_with(|| word.to_string());
        }
        self.scope[at].meaning = Meaning::Value(after);
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

/// Whether an expression at the end of a block is a statement all the same.
fn ends_in_statement(expr: &Expr) -> bool {
    match expr {
        Expr::If(branch) => branch.else_branch.is_none() || !gives(&branch.then_branch),
        Expr::Binary(binary) => compound(&binary.op).is_some(),
        Expr::ForLoop(_) | Expr::Assign(_) | Expr::While(_) | Expr::Loop(_) => true,
        _ => false,
    }
}

fn gives(block: &syn::Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(expr, None)) if !ends_in_statement(expr))
}

/// The word that an expression consists of.
pub(super) fn simple(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

fn compound(op: &BinOp) -> Option<Binary> {
    match op {
        BinOp::AddAssign(_) => Some(Binary::Add),
        BinOp::SubAssign(_) => Some(Binary::Sub),
        BinOp::MulAssign(_) => Some(Binary::Mul),
        BinOp::DivAssign(_) => Some(Binary::Div),
        _ => None,
    }
}

/// The variables that a block assigns to.
#[derive(Default)]
pub(super) struct Assigned(pub(super) Vec<Ident>);

impl Visit<'_> for Assigned {
    fn visit_expr(&mut self, expr: &Expr) {
        let target = match expr {
            Expr::Assign(assign) => Some(&assign.left),
            Expr::Binary(binary) if compound(&binary.op).is_some() => Some(&binary.left),
            _ => None,
        };
        if let Some(mut target) = target.map(|target| bare(target)) {
            while let Expr::Index(index) = target {
                target = bare(&index.expr);
            }
            self.0.extend(simple(target).cloned());
        }
        syn::visit::visit_expr(self, expr);
    }
}

/// The product of sizes as a number.
pub(super) fn count(shape: &Shape, number: &TokenStream) -> TokenStream {
    let len = shape.len();
    quote!(((#len) as #number))
}
