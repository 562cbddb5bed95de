//! Calls of other functions of `gradient!`, and of their gradients.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprField, Member, Pat, PathArguments};

use super::expand::{full_name, gradient_name};
use super::read::Reader;
use super::shape::{Dim, Shape};
use super::syntax::Function;
use super::values::{Id, Op, Step};
use crate::layers::values::{bare, shown};

/// A function that is called.
#[derive(Clone, Debug)]
pub struct Callee {
    /// Its path, without sizes.
    path: syn::Path,
    /// The sizes that it is generic over.
    sizes: Vec<TokenStream>,
    /// Whether it stands in the same `gradient!`, so that its signature is known.
    pub known: bool,
}

impl Callee {
    fn renamed(&self, name: impl Fn(&Ident) -> Ident, generics: &[TokenStream]) -> TokenStream {
        let mut path = self.path.clone();
        if let Some(last) = path.segments.last_mut() {
            last.ident = name(&last.ident);
        }
        if generics.is_empty() { quote!(#path) } else { quote!(#path::<#(#generics),*>) }
    }

    /// Where it was written.
    #[must_use]
    pub fn span(&self) -> Span {
        self.path.span()
    }

    /// The function itself.
    #[must_use]
    pub fn function(&self) -> TokenStream {
        self.renamed(Ident::clone, &self.sizes)
    }

    /// The one that gives the value and the gradients.
    #[must_use]
    pub fn gradient(&self) -> TokenStream {
        self.renamed(gradient_name, &self.sizes)
    }

    /// The one that gives the gradients of all parameters, for any kind of number.
    #[must_use]
    pub fn full(&self, number: &TokenStream) -> TokenStream {
        let mut generics = vec![number.clone()];
        generics.extend(self.sizes.clone());
        self.renamed(full_name, &generics)
    }
}

/// A part of what the gradient of a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The value of the function.
    Value,
    /// The gradient of a parameter.
    Share(usize),
}

/// What a path means that is called.
enum Target<'a> {
    /// A function of `gradient!`; its signature if it is known.
    Function(Option<&'a Function>),
    /// The gradient of one.
    Gradient(Option<&'a Function>),
    /// A function of Rust's own, or of a type.
    Foreign,
    /// Something with a mistake that was told.
    Broken,
    /// None of those.
    Unknown,
}

/// Where functions are that have no gradients.
const FOREIGN: &[&str] = &["std", "core", "alloc", "libm", "f32", "f64", "i32", "u32", "i64", "u64", "usize"];

/// A call of a gradient that was read.
struct Call<'a> {
    callee: Callee,
    args: Vec<Id>,
    spans: Vec<Span>,
    /// The shapes of the arguments, in the callee's own words where they are known.
    shapes: Vec<Shape>,
    function: Option<&'a Function>,
    name: String,
}

impl<'a> Reader<'a> {
    fn target(&self, path: &syn::Path) -> Target<'a> {
        let (Some(last), source) = (path.segments.last(), self.source) else { return Target::Unknown };
        let name = last.ident.to_string();
        let own = path.segments.len() == 1 || (path.segments.len() == 2 && path.segments[0].ident == "self");
        let base = name.strip_suffix("_grad");
        if own {
            let broken = |name: &str| source.names.iter().any(|known| known == name);
            let circles = |name: &str| source.circles.iter().any(|known| known == name);
            if circles(&name) || (source.find(&name).is_none() && base.is_some_and(circles)) {
                return Target::Broken;
            }
            match (source.find(&name), base.and_then(|base| source.find(base))) {
                (Some(function), _) => return Target::Function(Some(function)),
                (_, Some(function)) => return Target::Gradient(Some(function)),
                _ if broken(&name) || base.is_some_and(broken) => return Target::Broken,
                _ if source.cut && super::functions::find(&name).is_none() => return Target::Broken,
                _ => {}
            }
        }
        let foreign = path.segments.iter().rev().skip(1).any(|segment| {
            let word = segment.ident.to_string();
            FOREIGN.contains(&word.as_str()) || word.starts_with(|c: char| c.is_uppercase())
        });
        match base {
            _ if path.segments.len() == 1 => Target::Unknown,
            _ if foreign => Target::Foreign,
            Some(_) => Target::Gradient(None),
            None => Target::Function(None),
        }
    }

    /// The value of a function that is called by its path or name.
    pub(super) fn called(&mut self, path: &syn::Path, args: &[&Expr]) -> Option<Id> {
        match self.target(path) {
            Target::Function(function) => {
                let call = self.arguments(path, function, args)?;
                Some(self.emit(Op::Call(call.callee, call.args, call.spans), Shape::scalar()))
            }
            Target::Gradient(_) => {
                self.whole(path);
                None
            }
            Target::Foreign => {
                let name = path.to_token_stream().to_string().replace(' ', "");
                let message = format!(
                    "`{name}` has no gradient: functions that `gradient!` knows are called by their names, `max(a, 0.0)`, its own ones by names and paths"
                );
                self.errors.on(path, message);
                None
            }
            Target::Broken => {
                for arg in args {
                    self.expr(arg);
                }
                None
            }
            Target::Unknown => match path.segments.last() {
                Some(last) if path.segments.len() == 1 => self.call(&last.ident, args, false),
                _ => None,
            },
        }
    }

    fn whole(&mut self, path: &syn::Path) {
        let name = path.to_token_stream().to_string().replace(" :: ", "::");
        let message = format!(
            "`{name}` gives the value and the gradients, which are taken apart: `let (value, dw) = {name}(…);` or `{name}(…).1`"
        );
        self.errors.on(path, message);
    }

    /// The arguments of another function, checked as far as its signature is known.
    fn arguments(&mut self, path: &syn::Path, function: Option<&'a Function>, args: &[&Expr]) -> Option<Call<'a>> {
        let spans: Vec<Span> = args.iter().map(|arg| arg.span()).collect();
        let values: Vec<Option<Id>> = args.iter().map(|arg| self.expr(arg)).collect();
        let mut plain = path.clone();
        let last = plain.segments.last_mut()?;
        let name = last.ident.to_string();
        let mut sizes: Vec<TokenStream> = match std::mem::take(&mut last.arguments) {
            PathArguments::AngleBracketed(list) => list.args.iter().map(ToTokens::to_token_stream).collect(),
            _ => Vec::new(),
        };
        if function.is_none_or(|function| function.name != name)
            && let Some(base) = name.strip_suffix("_grad")
        {
            last.ident = Ident::new(base, last.ident.span());
        }
        let at = path.segments.last()?.ident.span();
        let Some(function) = function else {
            let args: Option<Vec<Id>> = values.into_iter().collect();
            let args = args?;
            let shapes = args.iter().map(|&id| self.shape(id).clone()).collect();
            let callee = Callee { path: plain, sizes, known: false };
            return Some(Call { callee, args, spans, shapes, function: None, name });
        };
        let wanted = function.parameters.len();
        if wanted != args.len() {
            let list: Vec<String> = function.parameters.iter().map(|parameter| parameter.name.to_string()).collect();
            let values = if wanted == 1 { "value" } else { "values" };
            let message = format!("`{name}` takes {wanted} {values} ({}), found {}", list.join(", "), args.len());
            self.errors.at(at, message);
            return None;
        }
        if function.number.to_string() != self.number.to_string() {
            let message = format!(
                "all numbers are of one type: this function is about `{}`, `{}` about `{}`",
                self.number, function.name, function.number
            );
            self.errors.at(at, message);
            return None;
        }
        let values: Option<Vec<Id>> = values.into_iter().collect();
        let values = values?;
        if sizes.is_empty() {
            for size in &function.generics {
                let Some(dim) = self.inferred(size, function, &values) else {
                    let message = format!(
                        "the size `{size}` of `{}` is not known from its arguments: write `{name}::<3>(…)`",
                        function.name
                    );
                    self.errors.at(at, message);
                    return None;
                };
                sizes.push(dim.tokens().clone());
            }
        } else if sizes.len() != function.generics.len() {
            let message = format!("`{}` has {} sizes, found {}", function.name, function.generics.len(), sizes.len());
            self.errors.at(at, message);
            return None;
        }
        let dims: Vec<Dim> = sizes
            .iter()
            .map(|size| {
                syn::parse2(size.clone()).map_or_else(|_| Dim::known(0), |expr: Expr| Dim::new(&plain_block(expr)))
            })
            .collect();
        let mut args = Vec::new();
        let mut shapes = Vec::new();
        for ((parameter, id), &span) in function.parameters.iter().zip(values).zip(&spans) {
            let shape = parameter.shape.0.iter().map(|dim| {
                let size = function.generics.iter().position(|size| dim.is(size));
                size.map_or_else(|| dim.clone(), |i| dims[i].clone())
            });
            let shape = Shape(shape.collect());
            args.push(self.expect(id, &shape, span, &format!("`{}` of `{}`", parameter.name, function.name)));
            shapes.push(shape);
        }
        let args: Option<Vec<Id>> = args.into_iter().collect();
        let callee = Callee { path: plain, sizes, known: true };
        Some(Call { callee, args: args?, spans, shapes, function: Some(function), name })
    }

    /// The size that an argument has where the parameter says `size`.
    fn inferred(&self, size: &Ident, function: &Function, values: &[Id]) -> Option<Dim> {
        function.parameters.iter().zip(values).find_map(|(parameter, &id)| {
            let at = parameter.shape.0.iter().position(|dim| dim.is(size))?;
            self.shape(id).0.get(at).cloned()
        })
    }

    /// The call of a gradient that an expression is; nothing if it is something else.
    fn gradient_call<'e>(&self, expr: &'e Expr) -> Option<(&'e syn::Path, Vec<&'e Expr>, Option<&'a Function>)> {
        let Expr::Call(call) = bare(expr) else { return None };
        let Expr::Path(path) = bare(&call.func) else { return None };
        match self.target(&path.path) {
            Target::Gradient(function) if path.qself.is_none() => {
                Some((&path.path, call.args.iter().collect(), function))
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
    pub(super) fn taken_apart(&mut self, pattern: &Pat, expr: &Expr) -> bool {
        if self.broken_call(expr) {
            self.expr(expr);
            self.declare(pattern);
            return true;
        }
        let Some((path, args, function)) = self.gradient_call(expr) else { return false };
        let call = self.arguments(path, function, &args);
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
        let Some((path, args, function)) = self.gradient_call(base) else {
            self.expr(base)?;
            self.errors
                .on(field, format!("`{}` has no gradient: values have no fields", shown(&Expr::Field(field.clone()))));
            return None;
        };
        let call = self.arguments(path, function, &args)?;
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

/// What stands in the braces of a size `{ N * 2 }`.
fn plain_block(expr: Expr) -> Expr {
    match &expr {
        Expr::Block(block) => match &block.block.stmts[..] {
            [syn::Stmt::Expr(inner, None)] => inner.clone(),
            _ => expr,
        },
        _ => expr,
    }
}
