//! Statements: `let`, assignments, and what else stands in a block.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Expr, Pat, Stmt};

use super::read::{Meaning, Reader, simple};
use super::syntax;
use super::values::{Binary, Id, Op, Step};
use crate::layers::values::bare;

pub(super) const STATEMENTS: &str = "`gradient!` knows `let`, `if`, `for` over a range, and assignments";

impl Reader<'_> {
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
        if let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none())
            && self.taken_apart(pattern, kind, &init.expr)
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
