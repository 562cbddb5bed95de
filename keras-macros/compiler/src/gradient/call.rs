//! Calls of functions.

use proc_macro2::{Ident, Literal, Span};
use quote::{format_ident, quote};
use syn::{Expr, Lit, UnOp};

use super::functions::{Kind, find, names};
use super::read::{Meaning, Reader, count};
use super::shape::{Shape, mentions};
use super::values::{Binary, Id, Op, Product, Rows};
use crate::errors::suggestion;
use crate::layers::values::{bare, shown};

/// What Rust has for going through elements.
const ITERATORS: &[&str] = &["iter", "iter_mut", "into_iter", "map", "zip", "fold", "for_each", "each_ref"];

impl Reader<'_> {
    /// A function that `gradient!` knows.
    pub(super) fn call(&mut self, word: &Ident, args: &[&Expr], method: bool) -> Option<Id> {
        let name = word.to_string();
        let Some(kind) = find(&name) else {
            // A closure is part of the same mistake.
            let known: Vec<_> = args.iter().filter(|arg| !matches!(bare(arg), Expr::Closure(_))).collect();
            let values: Vec<Option<Id>> = known.into_iter().map(|arg| self.expr(arg)).collect();
            if !method && let Some(known) = self.scope.iter().rev().find(|known| known.word == *word) {
                // Nothing follows from a value with a mistake that was told.
                if !matches!(known.meaning, Meaning::Value(None)) {
                    let message = format!("`{name}` is a variable, not a function");
                    self.errors.at(word.span(), message);
                }
                return None;
            }
            if method && ITERATORS.contains(&name.as_str()) {
                let message = format!(
                    "unknown function `{name}`: functions and `+ - * /` go through all elements, `relu(x) * 2.0`, and `for i in 0..N` through places"
                );
                // `x.iter().map(…)` is one mistake.
                if values.first().is_some_and(Option::is_some) {
                    self.errors.at(word.span(), message);
                }
                return None;
            }
            let own = self.source.names.iter().flat_map(|name| [name.to_string(), format!("{name}_grad")]);
            let known: Vec<String> = names().map(str::to_owned).chain(own).collect();
            let near = suggestion(&name, known.iter().map(String::as_str));
            let list: Vec<&str> = names().collect();
            let mut message = format!("unknown function `{name}`{near}\navailable: {}", list.join(", "));
            if !method {
                message += &format!("\na function of another `gradient!` is called by a path: `self::{name}(…)`");
            }
            self.errors.at(word.span(), message);
            return None;
        };
        let (least, most) = match kind {
            Kind::Unary(_, list) => (1 + list.iter().filter(|(_, default)| default.is_none()).count(), 1 + list.len()),
            Kind::Binary(_) | Kind::Powi | Kind::Product => (2, 2),
            Kind::Sum { .. } => (1, 2),
            Kind::Rows(_) | Kind::Transpose => (1, 1),
        };
        if args.len() < least || args.len() > most {
            let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let values = if most == 1 { "value" } else { "values" };
            let message =
                format!("`{name}` takes {takes} {values}, the one before the point included; found {}", args.len());
            self.errors.at(word.span(), message);
            return None;
        }
        let x = self.expr(args[0]);
        match kind {
            Kind::Unary(make, list) => {
                let make = format_ident!("{make}");
                let mut values = Vec::new();
                for (i, (argument, default)) in list.iter().enumerate() {
                    let value = match args.get(i + 1) {
                        Some(arg) => self.number(arg, &name, argument)?,
                        None => default.unwrap_or_default(),
                    };
                    values.push(Literal::f64_unsuffixed(value));
                }
                let make = if values.is_empty() { quote!(#make) } else { quote!(#make(#(#values),*)) };
                let x = x?;
                Some(self.emit(Op::Unary(make, x), self.shape(x).clone()))
            }
            Kind::Binary(op) => {
                let b = self.expr(args[1]);
                self.binary(op, x?, b?, word.span())
            }
            Kind::Powi => self.powi(x?, args[1]),
            Kind::Sum { mean } => {
                let axis = match args.get(1) {
                    Some(arg) => Some(self.axis(x?, arg)?),
                    None => None,
                };
                self.sum(x?, axis, mean)
            }
            Kind::Rows(rows) => self.rows(rows, x?, word),
            Kind::Product => {
                let b = self.expr(args[1]);
                self.product(x?, b?, word)
            }
            Kind::Transpose => {
                let x = x?;
                let shape = self.shape(x).clone();
                let [m, n] = &shape.0[..] else {
                    self.errors.at(word.span(), format!("`{name}` expects a matrix, found {}", shape.described()));
                    return None;
                };
                let shape = Shape(vec![n.clone(), m.clone()]);
                Some(self.emit(Op::Transpose(x), shape))
            }
        }
    }

    /// A function of the last dimension.
    fn rows(&mut self, rows: Rows, x: Id, word: &Ident) -> Option<Id> {
        let mut shape = self.shape(x).clone();
        let Some(last) = shape.0.last_mut() else {
            let message = format!("`{word}` is over the last dimension: expected a vector, found a number");
            self.errors.at(word.span(), message);
            return None;
        };
        if rows == Rows::Glu {
            let message = format!("`{word}` halves the last dimension: its size {last} must be even");
            let (size, half) = (last.clone(), last.half());
            if size.value().is_some_and(|n| n % 2 == 1) {
                self.errors.at(word.span(), message);
                return None;
            }
            *last = half;
            if mentions(size.tokens(), self.generics) {
                let message = format!(
                    "`{word}` halves the last dimension, and rustc does not compute with the size {size}: expected a number or a const of the module"
                );
                self.errors.at(word.span(), message);
                return None;
            }
            if size.value().is_none() {
                let tokens = size.tokens();
                self.assert(&quote!((#tokens) % 2 == 0), word.span(), &message);
            }
        }
        Some(self.emit(Op::Rows(rows, x), shape))
    }

    /// A number that is written out.
    fn number(&mut self, expr: &Expr, function: &str, argument: &str) -> Option<f64> {
        let value = plain(expr);
        if value.is_none() {
            let message =
                format!("`{argument}` of `{function}` is a number that is written out, found `{}`", shown(expr));
            self.errors.on(expr, message);
        }
        value
    }

    fn powi(&mut self, x: Id, power: &Expr) -> Option<Id> {
        let whole = self.number(power, "powi", "the power").filter(|power| power.fract() == 0.0);
        let Some(power) = whole else {
            if plain(power).is_some() {
                self.errors.on(power, "the power of `powi` is a whole number: `x.powf(0.5)` takes others");
            }
            return None;
        };
        let shape = self.shape(x).clone();
        if power == 2.0 {
            return Some(self.emit(Op::Unary(quote!(Square), x), shape));
        }
        let power = Literal::f64_unsuffixed(power);
        let power = self.constant(quote!((#power)));
        let power = self.broadcast(power, &shape);
        Some(self.emit(Op::Binary(Binary::Pow, x, power), shape))
    }

    fn axis(&mut self, x: Id, arg: &Expr) -> Option<usize> {
        let shape = self.shape(x).clone();
        let rank = shape.rank();
        let axis = match self.number(arg, "sum", "the axis")? {
            axis if axis < 0.0 => axis + rank as f64,
            axis => axis,
        };
        if axis.fract() != 0.0 || axis < 0.0 || axis >= rank as f64 {
            self.errors.on(arg, format!("there is no axis {}: the shape is {shape}", shown(arg)));
            return None;
        }
        Some(axis as usize)
    }

    fn sum(&mut self, x: Id, axis: Option<usize>, mean: bool) -> Option<Id> {
        let mut shape = self.shape(x).clone();
        let number = self.number.clone();
        let (sum, n) = match axis {
            Some(axis) => {
                let dim = shape.0.remove(axis);
                (self.emit(Op::SumOver(axis, x), shape.clone()), count(&Shape(vec![dim]), &number))
            }
            None => (self.emit(Op::Sum(x), Shape::scalar()), count(&shape, &number)),
        };
        if !mean {
            return Some(sum);
        }
        let n = self.constant(n);
        self.binary(Binary::Div, sum, n, Span::call_site())
    }

    fn product(&mut self, a: Id, b: Id, word: &Ident) -> Option<Id> {
        let (left, right) = (self.shape(a).clone(), self.shape(b).clone());
        let mut message = format!("`{word}`: the shapes {left} and {right} do not fit together");
        let (kind, inner, dims) = match (&left.0[..], &right.0[..]) {
            ([k], [l]) => (Product::VV, (k, l), vec![]),
            ([k], [l, n]) => (Product::VM, (k, l), vec![n.clone()]),
            ([m, k], [l]) => (Product::MV, (k, l), vec![m.clone()]),
            ([m, k], [l, n]) => (Product::MM, (k, l), vec![m.clone(), n.clone()]),
            _ => {
                message += "; expected vectors or matrices";
                self.errors.at(word.span(), message);
                return None;
            }
        };
        let (k, l) = inner;
        message += &format!("; the inner sizes {k} and {l} must be equal");
        let claims = match k.equals(l) {
            Some(true) => Vec::new(),
            Some(false) => {
                self.errors.at(word.span(), message);
                return None;
            }
            None => vec![(k.clone(), l.clone())],
        };
        self.check(claims, word.span(), &message);
        let mut fitted = right.clone();
        fitted.0[0] = k.clone();
        let b = if fitted.same(&right) { b } else { self.emit(Op::Fit(b), fitted) };
        Some(self.emit(Op::Product(kind, a, b), Shape(dims)))
    }
}

fn plain(expr: &Expr) -> Option<f64> {
    match bare(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Float(float) => float.base10_digits().parse().ok(),
            Lit::Int(int) => int.base10_digits().parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => plain(&unary.expr).map(|x| -x),
        _ => None,
    }
}
