//! Calls of other functions of `gradient!`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, PathArguments};

use super::callee::Callee;
use super::read::Reader;
use super::shape::{Dim, Shape};
use super::syntax::Function;
use super::values::{Id, Op};

/// What a path means that is called.
pub(super) enum Target<'a> {
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
pub(super) struct Call<'a> {
    pub(super) callee: Callee,
    pub(super) args: Vec<Id>,
    pub(super) spans: Vec<Span>,
    /// The shapes of the arguments, in the callee's own words where they are known.
    pub(super) shapes: Vec<Shape>,
    pub(super) function: Option<&'a Function>,
    pub(super) name: String,
}

impl<'a> Reader<'a> {
    pub(super) fn target(&self, path: &syn::Path) -> Target<'a> {
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
    pub(super) fn called(&mut self, path: &syn::Path, args: &[&Expr], parens: Span) -> Option<Id> {
        match self.target(path) {
            Target::Function(function) => {
                let call = self.arguments((path, parens), function, args)?;
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

    pub(super) fn whole(&mut self, path: &syn::Path) {
        let name = path.to_token_stream().to_string().replace(" :: ", "::");
        let message = format!(
            "`{name}` gives the value and the gradients, which are taken apart: `let (value, dw) = {name}(…);` or `{name}(…).1`"
        );
        self.errors.on(path, message);
    }

    /// The arguments of another function, checked as far as its signature is known.
    pub(super) fn arguments(
        &mut self,
        (path, parens): (&syn::Path, Span),
        function: Option<&'a Function>,
        args: &[&Expr],
    ) -> Option<Call<'a>> {
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
            if args.is_empty() {
                self.errors.at(at, format!("`{name}` takes at least one value, found none"));
                return None;
            }
            let args: Option<Vec<Id>> = values.into_iter().collect();
            let args = args?;
            let shapes = args.iter().map(|&id| self.shape(id).clone()).collect();
            let callee = Callee { path: plain, sizes, parens, known: false };
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
        let callee = Callee { path: plain, sizes, parens, known: true };
        Some(Call { callee, args: args?, spans, shapes, function: Some(function), name })
    }

    /// The size that an argument has where the parameter says `size`.
    fn inferred(&self, size: &Ident, function: &Function, values: &[Id]) -> Option<Dim> {
        function.parameters.iter().zip(values).find_map(|(parameter, &id)| {
            let at = parameter.shape.0.iter().position(|dim| dim.is(size))?;
            self.shape(id).0.get(at).cloned()
        })
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
