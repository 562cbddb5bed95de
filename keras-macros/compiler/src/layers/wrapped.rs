//! Layers that other layers are made of: `Bidirectional(LSTM(64))`.

use syn::Expr;

use super::{Args, Layer, Lower, find};
use crate::Errors;
use crate::graph::{self, LayerId, ValueId};
use crate::syntax::{Call, Callee};

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
    /// A layer within the one at hand, named after what `prefix` is put before. Nothing after a mistake.
    pub(super) fn inner(&mut self, call: &Call, prefix: &str) -> Option<Inner> {
        let Callee::Word(word) = &call.callee else {
            self.error(call.span(), "a layer within another one must be a layer of keras");
            return None;
        };
        let Some(layer) = find(&word.to_string()) else {
            self.error(word.span(), super::unknown(&word.to_string()));
            return None;
        };
        let mut args = Args::bind(call, layer.spec(), self.errors)?;
        args.consts(|kind, expr| self.name(&kind, &expr));
        let (parent, class) = (Some(self.layer), layer.spec().name);
        let base = format!("{prefix}{}", args.name().map_or_else(|| super::objects::snake(class), str::to_owned));
        let is_own = |layer: &graph::Layer| layer.parent == parent && layer.name.starts_with(&base);
        if let Some(id) = self.graph.layers.iter().position(is_own) {
            return Some(Inner { layer, args, id });
        }
        // Keras counts through the layers that are within others.
        let others = self.graph.layers.iter().filter(|layer| layer.parent.is_some() && layer.class == class);
        let others = others.filter(|layer| layer.name.starts_with(&base)).count();
        let name = if others > 0 && args.name().is_none() { format!("{base}_{others}") } else { base };
        self.graph.layers.push(graph::Layer {
            name,
            class: class.to_owned(),
            parent,
            calls: Vec::new(),
            trainable: args.bool("trainable", true),
            span: call.span(),
            place: call.place(),
        });
        Some(Inner { layer, args, id: self.graph.layers.len() - 1 })
    }

    /// Lowers a part of the layer at hand in the name of a layer within it, which was `built` before or was not.
    pub(super) fn within<T>(&mut self, inner: &Inner, built: bool, lower: impl FnOnce(&mut Self) -> T) -> T {
        let (layer, shared) = (self.layer, self.shared);
        (self.layer, self.shared) = (inner.id, built);
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
