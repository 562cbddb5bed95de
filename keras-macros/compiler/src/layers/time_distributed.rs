//! `TimeDistributed(layer)`: the same layer at each step of a sequence.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::Span;

use super::kinds::Arity;
use super::own_cell::Sequence;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{LayerId, Num, ValueId, ops};
use crate::syntax::{Call, Callee, Model};

pub(super) struct TimeDistributed;

/// Layers that do to all steps at once what they would do to each.
const AT_ONCE: [&str; 9] =
    ["Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "Identity", "LeakyReLU", "ReLU", "Rescaling"];

impl Layer for TimeDistributed {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "TimeDistributed", inputs: Arity::One, args: &[("layer", Kind::Layer)] }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let sequence = cx.sequence(args.span, args.spec.name, inputs[0])?;
        let call = args.layer("layer")?;
        if let Callee::Path(path) = &call.callee {
            return cx.part_by_steps(args, path, call, &sequence);
        }
        let inner = cx.inner(call, "", 0)?;
        let built = cx.shared;
        // A mask of the dropout for each step comes with a mask for all of them, but not with one of a shape of its own.
        let at_once = AT_ONCE.contains(&inner.class()) && inner.args.noise_shape("noise_shape").is_none();
        if at_once && !inner.args.has_rows("activation") {
            return cx.call_within(&inner, built, inputs[0]);
        }
        cx.by_steps([args.span, inner.args.span], &sequence, |cx, x, first| cx.call_within(&inner, built || !first, x))
    }
}

impl Lower<'_> {
    /// Lowers the block that a layer is wrapped around, once for each step. Nothing after a mistake.
    pub(super) fn block_by_steps(
        &mut self,
        model: &Model,
        (wrapper, args): (&Call, &Args),
        x: ValueId,
        names: &[String],
        built: &mut HashMap<usize, LayerId>,
    ) -> Option<Vec<ValueId>> {
        let block = wrapper.wrapped.as_ref()?;
        let (layer, sequence) = (self.layer, self.sequence(args.span, args.spec.name, x)?);
        let within = self.errors.within.clone();
        let precision = self.precision;
        let policy = std::mem::replace(&mut self.policy, precision);
        let results = self.by_steps([args.span; 2], &sequence, |cx, x, _| {
            let mut results = vec![Some(x)];
            for node in &block.calls {
                cx.node(model, node, &mut results, names, built);
            }
            (cx.layer, cx.precision) = (layer, precision);
            block.outputs.iter().map(|&output| results.get(output).copied().flatten()).collect()
        });
        self.errors.within = within;
        self.policy = policy;
        // What is within a wrapper has no calls of its own.
        for id in 0..self.graph.layers.len() {
            let mut above = std::iter::successors(self.graph.layers[id].parent, |&id| self.graph.layers[id].parent);
            if above.any(|above| above == layer) {
                self.graph.layers[id].calls.clear();
            }
        }
        results
    }

    /// Lowers a layer once for each step, given the step and whether it is the first. Mistakes are told where the wrapper
    /// stands, or where the layer does. Nothing after one.
    pub(super) fn by_steps(
        &mut self,
        [wrapper, layer]: [Span; 2],
        Sequence { x, steps, each }: &Sequence,
        mut lower: impl FnMut(&mut Self, ValueId, bool) -> Option<Vec<ValueId>>,
    ) -> Option<Vec<ValueId>> {
        let Some(steps) = steps.known() else {
            let message = "`TimeDistributed`: for this layer the number of steps must be a literal number, such as the 8 of \
                           `Input(8, 16)`, found a const expression: write the number";
            self.error(wrapper, message);
            return None;
        };
        let shape = self.shape(*x);
        let flat = self.alias(*x, shape.with_dims(vec![shape.len()]));
        let mut outputs = Vec::new();
        for t in 0..steps {
            let x = self.piece(flat, &each.len().mul(&Num::Lit(t)), each.clone());
            let results = lower(self, x, t == 0)?;
            let [y] = results[..] else {
                self.error(layer, "`TimeDistributed`: the layer within must give one result");
                return None;
            };
            outputs.push(y);
        }
        let out = self.shape(*outputs.first()?);
        let op = ops::Concatenate { outer: Num::Lit(1), widths: vec![out.len(); steps] };
        Some(vec![self.op(Rc::new(op), outputs, vec![], out.with_first(Num::Lit(steps)))])
    }
}
