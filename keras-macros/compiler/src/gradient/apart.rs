//! The gradients of other functions, which are taken apart where they are called.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprField, Member, Pat};

use super::callee::Part;
use super::other::{Call, Target};
use super::read::Reader;
use super::shape::Shape;
use super::syntax::Function;
use super::values::{Id, Step};
use crate::layers::values::{bare, shown};

impl<'a> Reader<'a> {
    /// The call of a gradient that an expression is; nothing if it is something else.
    fn gradient_call<'e>(&self, expr: &'e Expr) -> Option<(&'e syn::Path, Span, Vec<&'e Expr>, Option<&'a Function>)> {
        let Expr::Call(call) = bare(expr) else { return None };
        let Expr::Path(path) = bare(&call.func) else { return None };
        match self.target(&path.path) {
            Target::Gradient(function) if path.qself.is_none() => {
                Some((&path.path, call.paren_token.span.join(), call.args.iter().collect(), function))
            }
            _ => None,
        }
    }

    /// Whether it calls something with a mistake that was told.
    fn broken_call(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = bare(expr) else { return false };
        let Expr::Path(path) = bare(&call.func) else { return false };
        matches!(self.target(&path.path), Target::Broken)
    }

    /// `let (value, (dw, db)) = f_grad(…);`, if it is that.
    pub(super) fn taken_apart(&mut self, pattern: &Pat, kind: Option<&syn::Type>, expr: &Expr) -> bool {
        if self.broken_call(expr) {
            self.expr(expr);
            self.declare(pattern);
            return true;
        }
        let Some((path, parens, args, function)) = self.gradient_call(expr) else { return false };
        let call = self.arguments((path, parens), function, &args);
        if let Some(kind) = kind {
            self.errors.on(kind, "the types of a gradient are those of the parameters: leave out this one");
            self.declare(pattern);
            return true;
        }
        let names = match pattern {
            Pat::Tuple(tuple) if tuple.elems.len() == 2 => match &tuple.elems[1] {
                Pat::Tuple(shares) => Some((&tuple.elems[0], shares.elems.iter().collect::<Vec<_>>(), false)),
                one => Some((&tuple.elems[0], vec![one], true)),
            },
            _ => None,
        };
        let Some((value, shares, alone)) = names else {
            self.whole(path);
            self.declare(pattern);
            return true;
        };
        let unused = alone && matches!(shares[0], Pat::Wild(_));
        let call = call.filter(|call| unused || self.fits(call, shares.len(), alone, true, pattern.span()));
        let mut outs = Vec::new();
        for (part, pattern) in std::iter::once((Part::Value, value))
            .chain(shares.iter().enumerate().map(|(i, pattern)| (Part::Share(i), *pattern)))
        {
            match pattern {
                Pat::Wild(_) => {}
                Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
                    let id = call.as_ref().map(|call| self.out(call, part, Some(ident.ident.to_string())));
                    self.bind(&ident.ident, id, ident.mutability.is_some());
                    outs.extend(id.map(|id| (part, id)));
                }
                other => {
                    self.errors.on(other, "expected a name: `let (value, (dw, db)) = …;`");
                    self.declare(other);
                }
            }
        }
        if let Some(call) = call {
            self.take(call, (!unused).then_some(shares.len()), outs);
        }
        true
    }

    /// `f_grad(…).0`, `f_grad(…).1` or `f_grad(…).1.2`.
    pub(super) fn part(&mut self, field: &ExprField) -> Option<Id> {
        let mut members = vec![&field.member];
        let mut base = bare(&field.base);
        while let Expr::Field(field) = base {
            members.push(&field.member);
            base = bare(&field.base);
        }
        members.reverse();
        if self.broken_call(base) {
            return self.expr(base);
        }
        let Some((path, parens, args, function)) = self.gradient_call(base) else {
            self.expr(base)?;
            self.errors
                .on(field, format!("`{}` has no gradient: values have no fields", shown(&Expr::Field(field.clone()))));
            return None;
        };
        let call = self.arguments((path, parens), function, &args)?;
        let places: Option<Vec<usize>> = members
            .iter()
            .map(|member| match member {
                Member::Unnamed(index) => Some(index.index as usize),
                Member::Named(_) => None,
            })
            .collect();
        let (part, shares) = match places.as_deref() {
            Some([0]) => (Part::Value, None),
            Some([1]) if self.fits(&call, 1, true, true, field.span()) => (Part::Share(0), Some(1)),
            Some([1, i]) if self.fits(&call, i + 1, false, false, field.span()) => (Part::Share(*i), None),
            Some([1] | [1, _]) => return None,
            _ => {
                self.whole(path);
                return None;
            }
        };
        let out = self.out(&call, part, None);
        self.take(call, shares, vec![(part, out)]);
        Some(out)
    }

    /// Whether a gradient gives so many gradients, or at least so many: one that is not in a tuple if `alone`. Tells if not.
    fn fits(&mut self, call: &Call<'_>, count: usize, alone: bool, exactly: bool, span: Span) -> bool {
        let name = &call.name;
        let Some(function) = call.function else {
            if count > call.args.len() {
                let message =
                    format!("`{name}` gives at most {} gradients, one for each value that it takes", call.args.len());
                self.errors.at(span, message);
                return false;
            }
            return true;
        };
        let active: Vec<String> = function
            .parameters
            .iter()
            .filter(|parameter| parameter.active)
            .map(|parameter| parameter.name.to_string())
            .collect();
        let d: Vec<String> = active.iter().map(|name| format!("d{name}")).collect();
        let form = if let [one] = &d[..] { one.clone() } else { format!("({})", d.join(", ")) };
        if alone == (active.len() == 1) && if exactly { count == active.len() } else { count <= active.len() } {
            return true;
        }
        let many = if active.len() == 1 { "gradient" } else { "gradients" };
        let message = format!(
            "`{name}` gives {} {many}, of {}: expected `let (value, {form}) = {name}(…);`",
            active.len(),
            active.join(", ")
        );
        self.errors.at(span, message);
        false
    }

    fn out(&mut self, call: &Call<'_>, part: Part, name: Option<String>) -> Id {
        let shape = match part {
            Part::Value => Shape::scalar(),
            Part::Share(i) => call.shapes[i].clone(),
        };
        let active = call.args.iter().any(|&id| self.program.values[id].active);
        self.value(shape, active, name)
    }

    fn take(&mut self, call: Call<'_>, shares: Option<usize>, outs: Vec<(Part, Id)>) {
        let number = self.next_block();
        let Call { callee, args, spans, .. } = call;
        self.steps.push(Step::Gradient { number, callee, args, spans, shares, outs });
    }

    /// Binds the names of a pattern with a mistake, so that they are not unknown below.
    pub(super) fn declare(&mut self, pattern: &Pat) {
        let mut names = Names::default();
        names.visit_pat(pattern);
        for name in names.0 {
            self.bind(&name, None, true);
        }
    }
}

/// The names that a pattern binds.
#[derive(Default)]
struct Names(Vec<Ident>);

impl Visit<'_> for Names {
    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        self.0.push(pattern.ident.clone());
        syn::visit::visit_pat_ident(self, pattern);
    }
}
