//! `LSTM(units, …)`: long short-term memory over the steps of a sequence.

use super::kinds::Arity;
use super::recurrent::{Recurrent, Way};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Cell;

pub(super) struct Lstm;

impl Layer for Lstm {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "LSTM",
            inputs: Arity::One,
            args: &[
                ("units", Kind::Size),
                ("activation", Kind::ActivationOr("tanh")),
                ("recurrent_activation", Kind::ActivationOr("sigmoid")),
                ("use_bias", Kind::Bool(true)),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("recurrent_initializer", Kind::Initializer("Orthogonal")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("unit_forget_bias", Kind::Bool(true)),
                ("kernel_regularizer", Kind::Regularizer),
                ("recurrent_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("activity_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("recurrent_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
                ("dropout", Kind::NotNegative(0.0)),
                ("recurrent_dropout", Kind::NotNegative(0.0)),
                ("seed", Kind::Seed),
                ("return_sequences", Kind::Bool(false)),
                ("return_state", Kind::Bool(false)),
                ("go_backwards", Kind::Bool(false)),
                ("stateful", Kind::Bool(false)),
                ("unroll", Kind::Bool(false)),
                ("use_cudnn", Kind::Auto),
            ],
        }
    }

    fn recurrent(&self) -> Option<&dyn Recurrent> {
        Some(self)
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["initial_state", "mask"]
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let way = cx.way(args, inputs[0])?;
        self.go(args, inputs[0], way, cx)
    }
}

impl Recurrent for Lstm {
    fn go(&self, args: &Args, x: ValueId, way: Way, cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.recurrent(args, Cell::Lstm, x, way)
    }
}
