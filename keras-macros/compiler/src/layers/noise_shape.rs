//! What dropout layers share: rates, and masks with a shape of their own.

use std::rc::Rc;

use quote::quote;
use syn::Expr;

use super::bound::Float;
use super::values::{int, shown};
use super::{Args, Lower, words};
use crate::graph::{ValueId, ops};

/// The elements of a `noise_shape`: sizes, or nothing for `None`.
pub(super) fn parse(expr: &Expr) -> syn::Result<Vec<Option<i64>>> {
    let fail = || {
        let message = format!("must be a shape such as `(None, 1, 64)`, the batch first, found `{}`", shown(expr));
        syn::Error::new_spanned(expr, message)
    };
    let list = super::lists::elements(expr).ok_or_else(fail)?;
    let element = |element: &Expr| match (words::word(element), int(element)) {
        (Some(word), _) if word == "None" => Ok(None),
        (_, Some(n)) if n >= 1 => Ok(Some(n)),
        _ => Err(fail()),
    };
    list.into_iter().map(element).collect()
}

impl Lower<'_> {
    /// A rate of 0 or more and less than 1. Nothing after a mistake.
    pub(super) fn below_one(&mut self, args: &Args, name: &str) -> Option<Float> {
        let rate = self.number(args, name, 0.0);
        let (span, tokens) = (args.span_of(name), &rate.tokens);
        match rate.known {
            Some(x) if x >= 1.0 => {
                self.error(span, format!("`{}`: `{name}` must be less than 1, got {x}", args.spec.name));
                return None;
            }
            Some(_) => {}
            None => {
                self.check(span, &quote!(#tokens < 1.0), &format!("{}: `{name}` must be less than 1", args.spec.name));
            }
        }
        Some(rate)
    }

    /// Whether each sample has a mask of its own, and which dimensions the mask has: those where `noise_shape` has the
    /// size of the input or `None`, not those where it has 1. Nothing after a mistake.
    pub(super) fn noise_shape(&mut self, args: &Args, value: ValueId) -> Option<(bool, Vec<bool>)> {
        let shape = self.shape(value);
        let Some(given) = args.noise_shape("noise_shape") else { return Some((true, vec![true; shape.rank()])) };
        let span = args.span_of("noise_shape");
        let layer = args.spec.name;
        if given.len() != shape.rank() + 1 {
            let message = format!(
                "`{layer}`: `noise_shape` must have {} dimensions, the batch and those of the input, found {}",
                shape.rank() + 1,
                given.len()
            );
            self.error(span, message);
            return None;
        }
        if !matches!(given[0], None | Some(1)) {
            let message = format!(
                "`{layer}`: `noise_shape` must begin with `None`, a mask for each sample, or 1, one for all: a model \
                 takes batches of any size"
            );
            self.error(span, message);
            return None;
        }
        let mut own = Vec::new();
        for (i, (given, dim)) in given[1..].iter().zip(&shape.dims).enumerate() {
            own.push(match (given, dim.known()) {
                (None, _) => true,
                (Some(n), Some(dim)) if *n == dim as i64 => dim != 1,
                (Some(1), _) => false,
                (Some(n), dim) => {
                    let dim = dim.map_or_else(String::new, |dim| format!(" or {dim}"));
                    let message =
                        format!("`{layer}`: `noise_shape` must have 1, `None`{dim} in dimension {}, got {n}", i + 1);
                    self.error(span, message);
                    return None;
                }
            });
        }
        Some((given[0].is_none(), own))
    }

    /// The value after a dropout by a mask that has the dimensions which are its own.
    pub(super) fn shaped_dropout(
        &mut self,
        args: &Args,
        value: ValueId,
        rate: Float,
        alpha: bool,
        by_sample: bool,
        own: &[bool],
    ) -> ValueId {
        let shape = self.shape(value);
        if rate.known == Some(0.0) {
            return self.alias(value, shape);
        }
        let dims = shape.dims.iter().cloned().zip(own.iter().copied()).collect();
        let (stream, seed) = (self.stream(), args.seed("seed"));
        let op = ops::ShapedDropout { rate: rate.tokens, alpha, by_sample, dims, stream, seed };
        self.op(Rc::new(op), vec![value], vec![], shape)
    }
}
