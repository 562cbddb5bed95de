//! Arguments that are lists: axes, sizes, and what is cut off or added on both sides.

use syn::Expr;

use super::values::{bare, int, shown, size};
use crate::graph::Num;

/// What stands in parentheses or brackets.
pub(super) fn elements(expr: &Expr) -> Option<Vec<&Expr>> {
    match bare(expr) {
        Expr::Tuple(tuple) => Some(tuple.elems.iter().collect()),
        Expr::Array(array) => Some(array.elems.iter().collect()),
        _ => None,
    }
}

/// One integer or several.
pub(super) fn ints(expr: &Expr) -> syn::Result<Vec<i64>> {
    let fail = || {
        let message = format!("must be an integer or several in parentheses, found `{}`", shown(expr));
        syn::Error::new_spanned(expr, message)
    };
    let list = elements(expr).unwrap_or_else(|| vec![expr]);
    if list.is_empty() {
        return Err(fail());
    }
    list.into_iter().map(|element| int(element).ok_or_else(fail)).collect()
}

/// One size of at least `least` for all dimensions, or one for each.
pub(super) fn sizes(expr: &Expr, dims: usize, least: usize) -> syn::Result<Vec<Num>> {
    match elements(expr) {
        None => Ok(vec![size(expr, least)?; dims]),
        Some(list) if list.len() == dims => list.into_iter().map(|element| size(element, least)).collect(),
        Some(_) => {
            let message = format!("must be one size or {dims} in parentheses, found `{}`", shown(expr));
            Err(syn::Error::new_spanned(expr, message))
        }
    }
}

/// How many before and behind each dimension: one number for all of them, one for each, or a pair for each; with one
/// dimension, one number or a pair.
pub(super) fn pairs(expr: &Expr, dims: usize) -> syn::Result<Vec<[Num; 2]>> {
    let fail = || {
        let expected = match dims {
            1 => "a number or a pair of them such as `(1, 2)`".to_string(),
            n => {
                let each = vec!["1"; n].join(", ");
                let pairs = vec!["(1, 2)"; n].join(", ");
                format!("a number, `({each})` or `({pairs})`")
            }
        };
        syn::Error::new_spanned(expr, format!("must be {expected}, found `{}`", shown(expr)))
    };
    let pair = |list: Vec<&Expr>| match list[..] {
        [before, behind] => Ok([size(before, 0)?, size(behind, 0)?]),
        _ => Err(fail()),
    };
    let both = |expr: &Expr| size(expr, 0).map(|n| [n.clone(), n]);
    match elements(expr) {
        None => Ok(vec![both(expr)?; dims]),
        Some(list) if dims == 1 => Ok(vec![pair(list)?]),
        Some(list) if list.len() == dims => list
            .into_iter()
            .map(|element| match elements(element) {
                Some(list) => pair(list),
                None => both(element),
            })
            .collect(),
        Some(_) => Err(fail()),
    }
}
