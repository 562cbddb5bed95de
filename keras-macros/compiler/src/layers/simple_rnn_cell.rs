//! `SimpleRNNCell(units, …)`: one step of a `SimpleRNN`, for `RNN` or by itself: x and h to the next h, twice.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Cell;

pub(super) struct SimpleRnnCell;

impl Layer for SimpleRnnCell {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "SimpleRNNCell",
            inputs: Arity::States,
            args: &[
                ("units", Kind::Size),
                ("activation", Kind::ActivationOr("tanh")),
                ("use_bias", Kind::Bool(true)),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("recurrent_initializer", Kind::Initializer("Orthogonal")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("kernel_regularizer", Kind::Regularizer),
                ("recurrent_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("recurrent_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
                ("dropout", Kind::NotNegative(0.0)),
                ("recurrent_dropout", Kind::NotNegative(0.0)),
                ("seed", Kind::Seed),
            ],
        }
    }

    fn cell(&self, _: &Args) -> Option<Cell> {
        Some(Cell::Simple)
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["states"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.single(args, self.cell(args)?, inputs)
    }
}
