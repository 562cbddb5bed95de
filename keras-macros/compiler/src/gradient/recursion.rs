//! Functions that call themselves, which have no end for the compiler.

use proc_macro2::Ident;
use syn::Expr;
use syn::visit::Visit;

use super::syntax::{Function, Source};
use crate::Errors;
use crate::layers::values::bare;

/// Tells of each circle of calls, once; gives the functions in them.
pub fn check(source: &Source, errors: &mut Errors) -> Vec<Ident> {
    let mut told: Vec<&Ident> = Vec::new();
    for function in &source.functions {
        let name = &function.name;
        if told.contains(&name) {
            continue;
        }
        for (word, callee) in calls(source, function) {
            let Some(way) = way(source, callee, name, &mut Vec::new()) else { continue };
            let through: Vec<String> = way.iter().map(|name| format!("`{name}`")).collect();
            let through = if way.is_empty() { String::new() } else { format!(" through {}", through.join(" and ")) };
            let message = format!(
                "`{name}` calls itself{through}, and the compiler would not come to an end: write a `for` loop"
            );
            errors.at(word.span(), message);
            told.push(name);
            told.extend(way);
            break;
        }
    }
    told.into_iter().cloned().collect()
}

/// The functions between a call of `from` and one of `to`.
fn way<'a>(source: &'a Source, from: &'a Function, to: &Ident, seen: &mut Vec<&'a Ident>) -> Option<Vec<&'a Ident>> {
    if from.name == *to {
        return Some(Vec::new());
    }
    if seen.contains(&&from.name) {
        return None;
    }
    seen.push(&from.name);
    calls(source, from).into_iter().find_map(|(_, callee)| {
        let mut rest = way(source, callee, to, seen)?;
        rest.insert(0, &from.name);
        Some(rest)
    })
}

/// The functions of the same `gradient!` that a function calls, or whose gradients it calls.
fn calls<'a>(source: &'a Source, function: &Function) -> Vec<(Ident, &'a Function)> {
    let mut words = Words::default();
    if let Some(block) = &function.block {
        words.visit_block(block);
    }
    words
        .0
        .into_iter()
        .filter_map(|word| {
            let name = word.to_string();
            let base = name.strip_suffix("_grad").unwrap_or(&name);
            let callee = source.find(&name).or_else(|| source.find(base))?;
            Some((word, callee))
        })
        .collect()
}

/// What is called by a name, or by `self::` and a name.
#[derive(Default)]
struct Words(Vec<Ident>);

impl Visit<'_> for Words {
    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        if let Expr::Path(path) = bare(&call.func) {
            let segments = &path.path.segments;
            let own = segments.len() == 1 || (segments.len() == 2 && segments[0].ident == "self");
            self.0.extend(segments.last().filter(|_| own).map(|last| last.ident.clone()));
        }
        syn::visit::visit_expr_call(self, call);
    }
}
