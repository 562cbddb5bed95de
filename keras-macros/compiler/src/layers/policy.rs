//! `dtype = "mixed_bfloat16"`, `dtype = "mixed_float16"`: what a layer computes in.
//!
//! Under a mixed policy a layer reads its inputs and its weights rounded, and what each of its ops gives is rounded; so are the
//! gradients that go back through these. The weights themselves, their gradients and their updates are f32.

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;

use super::parts::Written;
use super::values::shown;
use super::words::word;
use super::{Args, Lower};
use crate::errors::suggestion;
use crate::graph::{Op, ParamId, Precision, ValueId, ops};
use crate::syntax::{Call, Model};

/// The policies, as Keras names them.
const POLICIES: &[(&str, Precision)] =
    &[("float32", Precision::Float32), ("mixed_float16", Precision::Float16), ("mixed_bfloat16", Precision::Bfloat16)];

/// The policy that an argument names.
pub(crate) fn read(value: &Expr) -> syn::Result<Precision> {
    let name = word(value).unwrap_or_default();
    if let Some((_, precision)) = POLICIES.iter().find(|(known, _)| *known == name) {
        return Ok(*precision);
    }
    let words = || POLICIES.iter().map(|(known, _)| *known);
    let message = match name.as_str() {
        "bfloat16" | "bf16" | "float16" | "f16" | "half" => {
            let near = if name.starts_with('b') { "bfloat16" } else { "float16" };
            format!(
                "is `{name}`, and weights are always f32: `mixed_{near}` computes in {near} and keeps its weights in f32"
            )
        }
        "float64" | "f64" | "float" | "double" => {
            let words = words().collect::<Vec<_>>().join(", ");
            format!("is `{name}`, and there is no float64 here\navailable: {words}")
        }
        _ => {
            let near = suggestion(&name, words());
            format!("is no policy: `{}`{near}\navailable: {}", shown(value), words().collect::<Vec<_>>().join(", "))
        }
    };
    Err(syn::Error::new_spanned(value, message))
}

/// Keras's name of a policy.
fn name(policy: Precision) -> &'static str {
    POLICIES.iter().find(|(_, known)| *known == policy).map_or("float32", |(name, _)| name)
}

impl Lower<'_> {
    /// Reads the policy of the model.
    pub(super) fn model_policy(&mut self, model: &Model) {
        let Some(value) = &model.dtype else { return };
        let label = |error: syn::Error| syn::Error::new(error.span(), format!("the model's `dtype` {error}"));
        self.policy = self.errors.take(read(value).map_err(label)).unwrap_or_default();
    }

    /// The policy of a layer: its own, or that of the block that it is part of, or the model's.
    pub(super) fn policy_of(&self, model: &Model, call: &Call, own: Option<Precision>) -> Precision {
        let mut policy = own;
        let mut parent = call.parent;
        while let (None, Some(block)) = (policy, parent) {
            let block = &model.layers[block];
            let given = block.args.iter().find(|arg| arg.keyword.as_ref().is_some_and(|word| word == "dtype"));
            // What is no policy was told where the block was put in its place.
            policy = given.and_then(|given| read(&given.value).ok());
            parent = block.parent;
        }
        policy.unwrap_or(self.policy)
    }

    /// Refuses a policy for a layer within another one.
    pub(super) fn no_policy_within(&mut self, args: &Args) -> Option<()> {
        args.policy()?;
        let message = format!(
            "`{}`: a layer within another one computes as that does: give `dtype` to the layer around it",
            args.spec.name
        );
        self.error(args.span_of("dtype"), message);
        Some(())
    }

    /// Refuses to round what a layer of the user's computes. False if it was refused.
    pub(super) fn own_policy(&mut self, span: Span, class: &str, written: &Written, policy: Precision) -> bool {
        let policy = written.policy.unwrap_or(policy);
        if policy == Precision::Float32 {
            return true;
        }
        let message = format!(
            "`{class}`: a layer of one's own computes in float32, and its policy here is `{}`: write `{class}(…, dtype = \"float32\")`",
            name(policy)
        );
        self.error(span, message);
        false
    }

    /// An input of the layer at hand, as its policy wants it.
    pub(super) fn as_policy(&mut self, value: ValueId) -> ValueId {
        let to = self.precision;
        // Integers are cast by no policy.
        if to == Precision::Float32 || self.is_of_integers(value) || self.precision_of(value) == to {
            return value;
        }
        if let Some((.., rounded)) = self.taken.iter().find(|(from, by, _)| (*from, *by) == (value, to)) {
            return *rounded;
        }
        let rounded = self.round(value);
        if let Some(mask) = self.mask_of(value) {
            self.mask(rounded, mask);
        }
        self.taken.push((value, to, rounded));
        rounded
    }

    /// What products of this input with weights of the layer at hand are rounded to, if it takes its inputs as they are: a product of
    /// floats of two formats has the wider one.
    pub(super) fn promoted(&self, input: ValueId) -> Precision {
        match self.precision {
            Precision::Float32 => Precision::Float32,
            own if self.is_of_integers(input) || self.precision_of(input) == own => own,
            // Of the two formats of 16 bits neither has all numbers of the other.
            _ => Precision::Float32,
        }
    }

    /// A number as the layer at hand compares its rounded input with it, an expression of type `f32`.
    pub(super) fn constant(&self, number: TokenStream) -> TokenStream {
        if self.precision == Precision::Float32 {
            return number;
        }
        let to = self.precision.word();
        quote!(Precision::#to.rounded(#number))
    }

    /// Whether a value is an input of integers as floats.
    fn is_of_integers(&self, value: ValueId) -> bool {
        self.floats.iter().any(|(_, floats)| *floats == value)
    }

    /// What the output of an op of the layer at hand is rounded to already; nothing if it is yet to be rounded.
    pub(super) fn is_rounded(&self, op: &dyn Op, inputs: &[ValueId]) -> Option<Precision> {
        let to = self.precision;
        if to == Precision::Float32 || op.is_constant() {
            return Some(to);
        }
        let inputs = inputs.iter().all(|&input| self.precision_of(input) == to);
        (op.is_exact() && inputs).then_some(to)
    }

    /// A value rounded to what the layer at hand computes in.
    pub(super) fn round(&mut self, value: ValueId) -> ValueId {
        let (to, shape) = (self.precision, self.shape(value));
        let rounded = self.plain_op(Rc::new(ops::Round(to)), vec![value], vec![], shape);
        self.noted(rounded, to)
    }

    /// Notes what a value is rounded to.
    pub(super) fn noted(&mut self, value: ValueId, to: Precision) -> ValueId {
        if to != Precision::Float32 {
            self.rounded.push((value, to));
        }
        value
    }

    fn precision_of(&self, value: ValueId) -> Precision {
        let root = self.graph.root(value);
        self.rounded.iter().find(|(rounded, _)| *rounded == root).map_or(Precision::Float32, |(_, to)| *to)
    }

    /// Says that no policy rounds a weight, where Keras's layer computes with it in f32.
    pub(super) fn unrounded(&mut self, param: ParamId) {
        self.graph.params[param].precision = Precision::Float32;
    }
}
