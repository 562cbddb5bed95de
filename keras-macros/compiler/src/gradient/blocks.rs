//! Branches and loops.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Expr, ExprForLoop, ExprIf, Pat, UnOp};

use super::index::Interval;
use super::read::{Meaning, Name, Reader, simple};
use super::shape::mentions;
use super::statements::{Assigned, STATEMENTS};
use super::values::{Block, Condition, Id, Op, Step};
use crate::layers::values::bare;

impl Reader<'_> {
    /// Both branches; the value if `wanted`, and all variables that either assigns to.
    pub(super) fn branch(&mut self, branch: &ExprIf, wanted: bool) -> Option<Id> {
        if let Expr::Let(cond) = bare(&branch.cond) {
            self.errors
                .on(cond, "expected a condition, found a pattern: numbers are compared, `if a > b { x } else { y }`");
            return None;
        }
        let condition = self.condition(&branch.cond);
        let number = self.next_block();
        let outer = self.scope.clone();
        let (mut first, mut value) = self.inner(&branch.then_branch);
        let then = std::mem::replace(&mut self.scope, outer.clone());
        let (mut second, other) = match &branch.else_branch {
            None => (Vec::new(), None),
            Some((_, other)) => match &**other {
                Expr::Block(block) => self.inner(&block.block),
                other => {
                    let block = syn::Block {
                        brace_token: syn::token::Brace(other.span()),
                        stmts: vec![syn::Stmt::Expr(other.clone(), None)],
                    };
                    self.inner(&block)
                }
            },
        };
        let otherwise = std::mem::replace(&mut self.scope, outer);
        let mut pairs = Vec::new();
        let mut broken = condition.is_none();
        if wanted {
            match (value, other) {
                (Some(Some(a)), Some(Some(b))) => {
                    let steps = std::mem::replace(&mut self.steps, second);
                    let shape = self.shape(a).clone();
                    let span = branch.else_branch.as_ref().map_or(branch.if_token.span, |(token, _)| token.span());
                    let b = self.expect(b, &shape, span, "both branches give the same shape");
                    second = std::mem::replace(&mut self.steps, steps);
                    match b {
                        Some(b) => pairs.push((a, b)),
                        None => broken = true,
                    }
                }
                (Some(_), Some(_)) => broken = true,
                _ => {
                    self.errors.on(branch, "both branches must give a value: `if a > b { x } else { y }`");
                    broken = true;
                }
            }
        } else if let Some(Some(_)) | Some(None) = value.take().or(other) {
            let message = if branch.else_branch.is_none() {
                "an `if` that gives a value needs an `else`: `if a > b { x } else { y }`"
            } else {
                "this value is not used; leave it out or use it"
            };
            self.errors.on(branch, message);
            broken = true;
        }
        let mut assigned = Vec::new();
        for i in 0..self.scope.len() {
            let (Meaning::Value(before), Meaning::Value(a), Meaning::Value(b)) =
                (&self.scope[i].meaning, &then[i].meaning, &otherwise[i].meaning)
            else {
                continue;
            };
            if a == before && b == before {
                continue;
            }
            match (*a, *b) {
                (Some(a), Some(b)) => {
                    assigned.push(i);
                    pairs.push((a, b));
                }
                _ => self.scope[i].meaning = Meaning::Value(None),
            }
        }
        let outs: Vec<Id> = pairs
            .iter()
            .map(|&(a, b)| {
                let active = self.program.values[a].active || self.program.values[b].active;
                let name = self.program.values[a].name.clone();
                self.value(self.shape(a).clone(), active, name)
            })
            .collect();
        for (&i, &out) in assigned.iter().rev().zip(outs.iter().rev()) {
            self.scope[i].meaning = Meaning::Value(Some(out));
        }
        let condition = condition?;
        let (a, b) = pairs.into_iter().unzip();
        let branches = [Block { steps: std::mem::take(&mut first), results: a }, Block { steps: second, results: b }];
        let value = outs.first().copied();
        self.steps.push(Step::If { number, condition, branches, outs });
        if broken || !wanted { None } else { value }
    }

    fn condition(&mut self, expr: &Expr) -> Option<Condition> {
        match bare(expr) {
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                Some(Condition::Not(Box::new(self.condition(&unary.expr)?)))
            }
            Expr::Binary(binary) => match binary.op {
                BinOp::And(_) | BinOp::Or(_) => {
                    let (a, b) = (self.condition(&binary.left), self.condition(&binary.right));
                    Some(Condition::Both(Box::new(a?), binary.op, Box::new(b?)))
                }
                BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) | BinOp::Eq(_) | BinOp::Ne(_) => {
                    if self.is_index(&binary.left) || self.is_index(&binary.right) {
                        let whole = self.integer(&binary.left) & self.integer(&binary.right);
                        return whole.then(|| Condition::Words(quote!(#binary)));
                    }
                    let (a, b) = (self.expr(&binary.left), self.expr(&binary.right));
                    let (a, b) = (a?, b?);
                    for id in [a, b] {
                        let shape = self.shape(id).clone();
                        if !shape.is_scalar() {
                            let message = format!("a condition compares numbers, this has the shape {shape}");
                            self.errors.at(binary.op.span(), message);
                            return None;
                        }
                    }
                    Some(Condition::Compare(a, binary.op, b))
                }
                _ => self.no_condition(expr),
            },
            _ => self.no_condition(expr),
        }
    }

    fn no_condition(&mut self, expr: &Expr) -> Option<Condition> {
        self.errors.on(expr, "expected a condition: numbers compared by `<`, `<=`, `>`, `>=`, `==`, `!=`");
        None
    }

    /// `for i in 0..N { … }`
    pub(super) fn turns(&mut self, turn: &ExprForLoop) {
        let Some((range, kept)) = self.range(&turn.expr) else { return };
        let variable = match &*turn.pat {
            Pat::Ident(ident) => ident.ident.clone(),
            Pat::Wild(wild) => proc_macro2::Ident::new("_turn", wild.span()),
            other => {
                self.errors.on(other, "expected one name: `for i in 0..N`");
                return;
            }
        };
        let mut assigned = Assigned::default();
        assigned.visit_block(&turn.body);
        let carried: Vec<(usize, Id)> = (0..self.scope.len())
            .filter_map(|i| match &self.scope[i] {
                Name { word, meaning: Meaning::Value(Some(id)), mutable: true } if assigned.0.contains(word) => {
                    let hidden = self.scope[i + 1..].iter().any(|later| later.word == *word);
                    (!hidden).then_some((i, *id))
                }
                _ => None,
            })
            .collect();
        let number = self.next_block();
        let mut active: Vec<bool> = carried.iter().map(|(_, id)| self.program.values[*id].active).collect();
        let (values, checks, mistakes) = (self.program.values.len(), self.program.checks.clone(), self.errors.len());
        // A variable that depends on no parameter before the loop may do so after a turn: then the body is read again.
        loop {
            let inside: Vec<Id> = carried
                .iter()
                .zip(&active)
                .map(|(&(i, before), &active)| {
                    let (shape, name) = (self.shape(before).clone(), self.scope[i].word.to_string());
                    let id = self.value(shape, active, Some(name));
                    self.scope[i].meaning = Meaning::Value(Some(id));
                    id
                })
                .collect();
            let (low, high) = (range.low.clone(), range.high.minus_one());
            let meaning = Meaning::Index(Interval { low, high });
            self.scope.push(Name { word: variable.clone(), meaning, mutable: false });
            let (steps, result) = self.inner(&turn.body);
            self.scope.pop();
            if result.is_some() {
                self.errors.on(&turn.body, "the body of a loop gives no value: assign it to a variable");
            }
            let results: Option<Vec<Id>> = carried
                .iter()
                .map(|&(i, _)| match self.scope[i].meaning {
                    Meaning::Value(value) => value,
                    Meaning::Index(_) => None,
                })
                .collect();
            let Some(results) = results else { return };
            let now: Vec<bool> =
                results.iter().zip(&active).map(|(&id, &was)| was || self.program.values[id].active).collect();
            if now != active && self.errors.len() == mistakes {
                active = now;
                self.program.values.truncate(values);
                self.program.checks = checks.clone();
                continue;
            }
            let mut triples = Vec::new();
            for ((&(i, before), inside), active) in carried.iter().zip(inside).zip(active) {
                let (shape, name) = (self.shape(before).clone(), self.scope[i].word.to_string());
                let after = self.value(shape, active, Some(name));
                self.scope[i].meaning = Meaning::Value(Some(after));
                triples.push((before, inside, after));
            }
            let range = (range.low.tokens(), range.high.tokens());
            let body = Block { steps, results };
            self.steps.push(Step::For { number, variable, range, kept, carried: triples, body });
            return;
        }
    }

    /// The range of a loop; how long an array must be that has an element for each turn, and the first turn's place in it.
    fn range(&mut self, expr: &Expr) -> Option<(Interval, (TokenStream, TokenStream))> {
        let Expr::Range(range) = bare(expr) else {
            self.errors.on(expr, format!("expected a range such as `0..N`: {STATEMENTS}"));
            return None;
        };
        let (Some(first), Some(last)) = (&range.start, &range.end) else {
            self.errors.on(expr, "a range needs both ends: `0..N`");
            return None;
        };
        let (low, high) = (self.size(first), self.size(last));
        let (low, mut high) = (low?, high?);
        let closed = matches!(range.limits, syn::RangeLimits::Closed(_));
        if closed {
            high = high.plus_one();
        }
        if let (Some(a), Some(b)) = (low.value(), high.value())
            && a > b
        {
            self.errors.on(expr, format!("this range ends before it begins: {a} is larger than {b}"));
            return None;
        }
        let kept = if mentions(&expr.to_token_stream(), self.generics) {
            let size = self.within(last).filter(|_| !closed && low.value().is_some());
            let Some(size) = size else {
                let generic = &self.generics[0];
                let message = format!(
                    "a range over a size of the function begins at a number and ends at that size, or at a number less: `0..{generic}`, `1..{generic}`, `0..{generic} - 1`"
                );
                self.errors.on(expr, message);
                return None;
            };
            (quote!(#size), quote!(0))
        } else {
            let (low, high) = (low.tokens(), high.tokens());
            (quote!(#high - #low), low)
        };
        Some((Interval { low, high }, kept))
    }

    /// The size that an expression is, or from which it takes a number away.
    fn within(&self, end: &Expr) -> Option<Ident> {
        match bare(end) {
            Expr::Binary(binary) if matches!((&binary.op, bare(&binary.right)), (BinOp::Sub(_), Expr::Lit(_))) => {
                self.within(&binary.left)
            }
            other => simple(other).filter(|word| self.generics.contains(word)).cloned(),
        }
    }

    /// An element or a row.
    pub(super) fn element(&mut self, index: &syn::ExprIndex) -> Option<Id> {
        let of = self.expr(&index.expr)?;
        let (at, shape) = self.place(of, &index.index)?;
        Some(self.emit(Op::Index(at, of), shape))
    }
}
