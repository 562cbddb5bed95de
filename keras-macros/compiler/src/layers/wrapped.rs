//! Layers that other layers are made of: `Bidirectional(LSTM(64))`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Expr;

use super::values::{bare, shown};
use super::{Args, Layer, Lower, find};
use crate::Errors;
use crate::graph::{self, LayerId, ValueId};
use crate::syntax::{Argument, Call, Callee};

/// The layer that an argument makes.
pub(super) fn parse(expr: &Expr) -> syn::Result<Call> {
    let mut errors = Errors::default();
    let call = Call::from_expr(expr, &mut errors);
    let first = errors.sorted().into_iter().reduce(|mut all, more| {
        all.combine(more);
        all
    });
    match (call, first) {
        (Some(call), None) => Ok(call),
        (_, Some(error)) => Err(error),
        (None, None) => Err(syn::Error::new_spanned(expr, "invalid argument")),
    }
}

/// The cell that an argument makes; several in brackets are one of `StackedRNNCells`.
pub(super) fn cell(expr: &Expr) -> syn::Result<Call> {
    let Expr::Array(list) = bare(expr) else { return parse(expr) };
    cells(list)?;
    let word = Ident::new("StackedRNNCells", list.bracket_token.span.open());
    let args = vec![Argument { keyword: None, value: expr.clone() }];
    Ok(Call {
        callee: Callee::Word(word),
        args,
        broken: false,
        tokens: expr.to_token_stream(),
        parent: None,
        wrapped: None,
    })
}

/// Layers in brackets.
pub(super) fn list(expr: &Expr) -> syn::Result<Vec<Call>> {
    match bare(expr) {
        Expr::Array(list) => cells(list),
        other => {
            let message =
                format!("must be cells in brackets: `[LSTMCell(32), LSTMCell(16)]`, found `{}`", shown(other));
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

fn cells(list: &syn::ExprArray) -> syn::Result<Vec<Call>> {
    if list.elems.is_empty() {
        return Err(syn::Error::new_spanned(list, "must have a cell at least, found `[]`"));
    }
    list.elems.iter().map(parse).collect()
}

/// A layer within another one.
pub(super) struct Inner {
    /// What it is.
    pub(super) layer: &'static dyn Layer,
    /// Its arguments.
    pub(super) args: Args,
    id: LayerId,
}

impl Inner {
    /// `LSTM`
    pub(super) fn class(&self) -> &'static str {
        self.layer.spec().name
    }
}

impl Lower<'_> {
    /// The layer of the model that a layer is, or is within.
    pub(super) fn root(&self, mut id: LayerId) -> LayerId {
        while let Some(parent) = self.graph.layers[id].parent {
            id = parent;
        }
        id
    }

    /// Layer number `nth` within the one at hand, named after what `prefix` is put before. Nothing after a mistake.
    pub(super) fn inner(&mut self, call: &Call, prefix: &str, nth: usize) -> Option<Inner> {
        let Callee::Word(word) = &call.callee else {
            let message = match &call.callee {
                Callee::Block(_) => "a block can stand within `TimeDistributed`, and within no other layer",
                _ => "a layer within another one must be a layer of keras",
            };
            self.error(call.span(), message);
            return None;
        };
        let Some(layer) = find(&word.to_string()) else {
            self.error(word.span(), super::unknown(&word.to_string()));
            return None;
        };
        let mut args = Args::bind(call, layer.spec(), self.errors)?;
        if self.no_policy_within(&args).is_some() {
            return None;
        }
        args.consts(|kind, expr| self.name(&kind, &expr));
        let id = self.placed(call, layer.spec().name, args.name(), prefix, nth, args.bool("trainable", true));
        Some(Inner { layer, args, id })
    }

    /// The place of layer number `nth` within the one at hand, of this class, and of this name if it has one. It is named
    /// after what `prefix` is put before.
    pub(super) fn placed(
        &mut self,
        call: &Call,
        class: &str,
        name: Option<&str>,
        prefix: &str,
        nth: usize,
        trainable: bool,
    ) -> LayerId {
        let parent = Some(self.layer);
        let base = format!("{prefix}{}", name.map_or_else(|| super::objects::snake(class), str::to_owned));
        // An earlier call of the layer at hand has made it.
        let made = (0..self.graph.layers.len()).filter(|&id| self.graph.layers[id].parent == parent).nth(nth);
        if let Some(id) = made {
            return id;
        }
        // Keras counts through the layers that are within others; those of the two halves of a wrapper have the same names.
        let root = self.root(self.layer);
        let counted = |(id, layer): &(LayerId, &graph::Layer)| {
            let other = layer.parent == parent || layer.parent.is_some() && self.root(*id) != root;
            other && layer.class == class && layer.name.starts_with(&base)
        };
        let others = self.graph.layers.iter().enumerate().filter(counted).count();
        let named = if others > 0 && name.is_none() { format!("{base}_{others}") } else { base };
        self.graph.layers.push(graph::Layer {
            name: named,
            class: class.to_owned(),
            parent,
            calls: Vec::new(),
            trainable,
            span: call.span(),
            place: call.place(),
        });
        self.graph.layers.len() - 1
    }

    /// Lowers a part of the layer at hand in the name of a layer within it, which was `built` before or was not.
    pub(super) fn within<T>(&mut self, inner: &Inner, built: bool, lower: impl FnOnce(&mut Self) -> T) -> T {
        self.within_id(inner.id, built, lower)
    }

    /// The same for a layer that is no [`Inner`].
    pub(super) fn within_id<T>(&mut self, id: LayerId, built: bool, lower: impl FnOnce(&mut Self) -> T) -> T {
        let (layer, shared) = (self.layer, self.shared);
        (self.layer, self.shared) = (id, built);
        let result = lower(self);
        (self.layer, self.shared) = (layer, shared);
        result
    }

    /// The same for a whole call with one input. Nothing after a mistake.
    pub(super) fn call_within(&mut self, inner: &Inner, built: bool, x: ValueId) -> Option<Vec<ValueId>> {
        let given = std::mem::take(&mut self.given);
        let results = self.within(inner, built, |cx| {
            let results = inner.layer.lower(&inner.args, &[x], cx)?;
            cx.masked(inner.layer.masks(), &[x], &results);
            Some(results)
        });
        self.given = given;
        results
    }
}
