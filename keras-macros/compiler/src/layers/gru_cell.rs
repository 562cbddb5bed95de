//! `GRUCell(units, …)`: one step of a `GRU`, for `RNN` or by itself: x and h to the next h, twice.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Cell;

pub(super) struct GruCell;

impl Layer for GruCell {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "GRUCell",
            inputs: Arity::States,
            args: &[
                ("units", Kind::Size),
                ("activation", Kind::ActivationOr("tanh")),
                ("recurrent_activation", Kind::ActivationOr("sigmoid")),
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
                ("reset_after", Kind::Bool(true)),
                ("seed", Kind::Seed),
            ],
        }
    }

    fn cell(&self, args: &Args) -> Option<Cell> {
        Some(Cell::Gru(args.bool("reset_after", true)))
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["states"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.single(args, self.cell(args)?, inputs)
    }
}
