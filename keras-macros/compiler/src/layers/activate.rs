//! What activations become, and the numbers that they and their like are given.

use std::rc::Rc;

use quote::quote;

use super::activations::{Activated, Rows, known};
use super::bound::Float;
use super::{Args, Kind, Lower};
use crate::graph::ops::Op;
use crate::graph::{ValueId, ops};

impl Lower<'_> {
    /// The value after the activation that an argument gives, if it gives one. Nothing after a mistake.
    pub fn activate(&mut self, value: ValueId, args: &Args, name: &str) -> Option<ValueId> {
        let Some(chosen) = args.activation(name) else { return Some(value) };
        for (condition, message) in chosen.conditions() {
            self.check(args.span_of(name), &condition, &message);
        }
        self.activated(value, &chosen.activated(), args, name)
    }

    /// What a layer gives that has an activation, and a penalty on what comes of it. Nothing after a mistake.
    pub(super) fn finish(&mut self, value: ValueId, args: &Args) -> Option<Vec<ValueId>> {
        let y = self.activate(value, args, "activation")?;
        if let Some(penalty) = args.object("activity_regularizer") {
            self.penalize(y, penalty);
        }
        Some(vec![y])
    }

    /// The value after an activation that is linear or elementwise.
    pub(super) fn elementwise(&mut self, value: ValueId, act: &Activated) -> ValueId {
        let Activated::Elementwise(act) = act else { return value };
        let shape = self.shape(value);
        self.op(Rc::new(ops::Activation(act.clone())), vec![value], vec![], shape)
    }

    /// The value after an activation that an argument of this name gives. Nothing after a mistake.
    pub(super) fn activated(&mut self, value: ValueId, act: &Activated, args: &Args, name: &str) -> Option<ValueId> {
        let Activated::Rows(rows, given) = act else { return Some(self.elementwise(value, act)) };
        let shape = self.shape(value);
        let axes = match &shape.opaque {
            None => self.axes(args, name, given, shape.rank())?,
            Some(_) if given[..] == [-1] && *rows != Rows::Glu => Vec::new(),
            Some(_) => {
                self.rank_unknown(args.span_of(name), args.spec.name);
                return None;
            }
        };
        if *rows == Rows::Glu {
            return self.glu(value, axes[0], args, name);
        }
        let op = |n| -> Rc<dyn Op> {
            match rows {
                Rows::LogSoftmax => Rc::new(ops::LogSoftmax(n)),
                Rows::Sparsemax => Rc::new(ops::Sparsemax(n)),
                Rows::Softmax | Rows::Glu => Rc::new(ops::Softmax(n)),
            }
        };
        if shape.opaque.is_some() {
            return Some(self.op(op(shape.last()), vec![value], vec![], shape));
        }
        Some(self.along(value, &axes, op, |n| n))
    }

    fn glu(&mut self, value: ValueId, axis: usize, args: &Args, name: &str) -> Option<ValueId> {
        let (shape, span) = (self.shape(value), args.span_of(name));
        if shape.is_generic() {
            let message =
                format!("`{}`: `glu` needs a known input shape: start the model with `Input(…)`", args.spec.name);
            self.error(span, message);
            return None;
        }
        let halved = super::given::infer!(self, span, shape.rank(), glu(shape, axis))?;
        let half = halved.dims[axis].clone();
        let op = |_| Rc::new(ops::Glu(half.clone())) as Rc<dyn Op>;
        Some(self.along(value, &[axis], op, |_| half.clone()))
    }

    /// A number of a layer's own, which is to be 0 or more, or more than 0: literals are checked where they are bound,
    /// const expressions here.
    pub(super) fn number(&mut self, args: &Args, name: &str, default: f64) -> Float {
        let Some(float) = args.float(name) else { return known(default) };
        if float.known.is_none() {
            let tokens = &float.tokens;
            let (condition, range) = match args.kind(name) {
                Some(Kind::Share) => (quote!(#tokens >= 0.0 && #tokens <= 1.0), "lie between 0 and 1"),
                Some(Kind::NotNegative(_) | Kind::Limit) => (quote!(#tokens >= 0.0), "be 0 or more"),
                Some(Kind::Positive(_)) => (quote!(#tokens > 0.0), "be more than 0"),
                _ => return float,
            };
            let message = format!("{}: `{name}` must {range}", args.spec.name);
            self.check(args.span_of(name), &condition, &message);
        }
        float
    }
}
