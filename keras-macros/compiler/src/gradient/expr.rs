//! Expressions: what each computes, and of which shape.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, UnOp};

use super::read::{Meaning, Reader, simple};
use super::shape::{Dim, Shape};
use super::values::{Binary, Id, Op};
use crate::layers::values::{bare, shown};

const EXPRESSIONS: &str =
    "`gradient!` knows numbers, variables, arrays, `+ - * /`, indexing, `if`, and calls of functions";

impl Reader<'_> {
    /// The value of an expression. Nothing after a mistake, which it has told.
    pub(super) fn expr(&mut self, expr: &Expr) -> Option<Id> {
        match bare(expr) {
            Expr::Lit(lit) => self.literal(&lit.lit),
            Expr::Path(path) => match simple(expr) {
                Some(word) => self.word(word),
                None => Some(self.constant(path.to_token_stream())),
            },
            Expr::Reference(reference) => self.expr(&reference.expr),
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => {
                    let a = self.expr(&unary.expr)?;
                    Some(match &self.program.values[a].constant {
                        Some(constant) => self.constant(quote!((-#constant))),
                        None => self.emit(Op::Neg(a), self.shape(a).clone()),
                    })
                }
                UnOp::Deref(_) => self.expr(&unary.expr),
                _ => {
                    self.errors.on(expr, "expected a number or a tensor, found a condition");
                    None
                }
            },
            Expr::Binary(binary) => {
                let (a, b) = (self.expr(&binary.left), self.expr(&binary.right));
                let op = match binary.op {
                    BinOp::Add(_) => Binary::Add,
                    BinOp::Sub(_) => Binary::Sub,
                    BinOp::Mul(_) => Binary::Mul,
                    BinOp::Div(_) => Binary::Div,
                    other => {
                        let message = format!("`{}` gives no gradient: {EXPRESSIONS}", other.to_token_stream());
                        self.errors.at(other.span(), message);
                        return None;
                    }
                };
                self.binary(op, a?, b?, binary.op.span())
            }
            Expr::Index(index) => self.element(index),
            Expr::If(branch) => self.branch(branch, true),
            Expr::Block(block) if block.label.is_none() => {
                let (steps, value) = self.inner(&block.block);
                self.steps.extend(steps);
                if value.is_none() {
                    self.errors.on(expr, "this block gives no value: end it with an expression, without `;`");
                }
                value?
            }
            Expr::Array(array) => self.array(array),
            Expr::Repeat(repeat) => {
                let id = self.expr(&repeat.expr)?;
                let mut dims = vec![Dim::new(&repeat.len)];
                if !self.sized(&Shape(dims.clone()), repeat.len.span()) {
                    return None;
                }
                dims.extend(self.shape(id).0.clone());
                Some(self.emit(Op::Broadcast(id), Shape(dims)))
            }
            Expr::Cast(cast) => self.cast(cast),
            Expr::MethodCall(call) => {
                let args: Vec<&Expr> = std::iter::once(&*call.receiver).chain(&call.args).collect();
                self.call(&call.method, &args, true)
            }
            Expr::Call(call) => {
                let args: Vec<&Expr> = call.args.iter().collect();
                match bare(&call.func) {
                    Expr::Path(path) if path.qself.is_none() => {
                        self.called(&path.path, &args, call.paren_token.span.join())
                    }
                    _ => {
                        self.errors.on(&call.func, "expected the name of a function, such as `relu(x)`");
                        None
                    }
                }
            }
            Expr::Field(field) => self.part(field),
            Expr::Return(_) => {
                let message = "the function gives what its last expression gives: leave out `return`, or write `if a > b { x } else { y }`";
                self.errors.on(expr, message);
                None
            }
            Expr::Macro(call) => {
                let name = call.mac.path.to_token_stream();
                self.errors.on(&call.mac.path, format!("`{name}!` has no gradient: {EXPRESSIONS}"));
                None
            }
            other => {
                self.errors.on(other, unknown(other));
                None
            }
        }
    }

    fn literal(&mut self, lit: &Lit) -> Option<Id> {
        let number = self.number.to_string();
        match lit {
            Lit::Float(float) if float.suffix().is_empty() || float.suffix() == number => {
                Some(self.constant(lit.to_token_stream()))
            }
            Lit::Float(float) => {
                let message =
                    format!("all numbers are of one type: the result is `{number}`, this is `{}`", float.suffix());
                self.errors.on(lit, message);
                None
            }
            Lit::Int(int) => {
                let digits = int.base10_digits();
                self.errors.on(lit, format!("a number of type `{number}` has a point: write `{digits}.0`"));
                None
            }
            other => {
                self.errors.on(other, format!("expected a number, found {}", other.to_token_stream()));
                None
            }
        }
    }

    fn word(&mut self, word: &Ident) -> Option<Id> {
        match self.scope.iter().rev().find(|name| name.word == *word).map(|name| name.meaning.clone()) {
            Some(Meaning::Value(value)) => value,
            Some(Meaning::Index(_)) => {
                let number = &self.number;
                let message = format!("the loop variable `{word}` is a whole number: write `({word} as {number})`");
                self.errors.on(word, message);
                None
            }
            None if self.is_const(word) => Some(self.constant(word.to_token_stream())),
            None => {
                self.unknown(word);
                None
            }
        }
    }

    /// `i as f32`
    fn cast(&mut self, cast: &syn::ExprCast) -> Option<Id> {
        let number = self.number.clone();
        if cast.ty.to_token_stream().to_string() != number.to_string() {
            self.errors.on(&cast.ty, format!("all numbers are of one type: expected `{number}`"));
            return None;
        }
        if !matches!(bare(&cast.expr), Expr::Lit(_)) && !self.is_index(&cast.expr) {
            let is_value = simple(&cast.expr).is_some_and(|word| !self.is_const(word));
            if is_value || !matches!(bare(&cast.expr), Expr::Path(_)) {
                let message = format!(
                    "only whole numbers are turned into `{number}`, that is loop variables, consts and sizes: `(i as {number})`"
                );
                self.errors.on(cast, message);
                return None;
            }
        }
        if !self.integer(&cast.expr) {
            return None;
        }
        let expr = &cast.expr;
        Some(self.constant(quote!((#expr as #number))))
    }

    fn array(&mut self, array: &syn::ExprArray) -> Option<Id> {
        let list: Vec<(Option<Id>, Span)> = array.elems.iter().map(|expr| (self.expr(expr), expr.span())).collect();
        let Some((first, _)) = list.first() else {
            self.errors.on(array, "an array needs at least one element");
            return None;
        };
        let inner = self.shape((*first)?).clone();
        let mut elements = Vec::new();
        for (id, span) in list {
            elements.push(self.expect(id?, &inner, span, "the elements of an array have one shape")?);
        }
        let mut dims = vec![Dim::known(elements.len())];
        dims.extend(inner.0);
        Some(self.emit(Op::Array(elements), Shape(dims)))
    }

    /// Element by element, after both are repeated to one shape.
    pub(super) fn binary(&mut self, op: Binary, a: Id, b: Id, span: Span) -> Option<Id> {
        let word = match op {
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::Max => "max",
            Binary::Min => "min",
            Binary::Pow => "pow",
        };
        let (left, right) = (self.shape(a).clone(), self.shape(b).clone());
        let mut message = format!("`{word}`: the shapes {left} and {right} do not fit together");
        let Some((shape, claims)) = left.broadcast(&right) else {
            let inner = |shape: &Shape| shape.0.last().cloned();
            let outer = |shape: &Shape| shape.0.first().cloned();
            let product = matches!((inner(&left), outer(&right)), (Some(a), Some(b)) if a.equals(&b) == Some(true));
            if op == Binary::Mul && product && left.rank() <= 2 && right.rank() <= 2 {
                message += "; `*` goes element by element: a matrix product is `a.matmul(b)`";
            } else {
                message += "; from the last dimension on, sizes must be equal, or one of them 1";
            }
            self.errors.at(span, message);
            return None;
        };
        self.check(claims, span, &message);
        let (a, b) = (self.broadcast(a, &shape), self.broadcast(b, &shape));
        Some(self.emit(Op::Binary(op, a, b), shape))
    }
}

/// What is told of an expression that is not known.
fn unknown(expr: &Expr) -> String {
    match expr {
        Expr::Closure(_) => "a closure has no gradient: write a function beside this one, or a `for` loop".into(),
        Expr::Match(_) => "`match` has no gradient: write `if a > b { x } else { y }`".into(),
        Expr::Tuple(_) => "a tuple has no gradient: write an array, or a `let` for each value".into(),
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
            "a loop gives no value: assign it to a variable, `let mut sum = 0.0; for i in 0..3 { sum += x[i]; }`".into()
        }
        Expr::Unsafe(_) | Expr::Async(_) | Expr::Block(_) | Expr::Const(_) => {
            format!("this block has no gradient: {EXPRESSIONS}")
        }
        other => format!("`{}` has no gradient: {EXPRESSIONS}", shown(other)),
    }
}
