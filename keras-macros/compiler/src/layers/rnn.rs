//! `RNN(cell, return_sequences, …)`: a cell over the steps of a sequence, or several in brackets, each with the output of the one before.

use super::kinds::Arity;
use super::recurrent::{Course, Recurrent, Way};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Rnn;

impl Layer for Rnn {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "RNN",
            inputs: Arity::One,
            args: &[
                ("cell", Kind::Cell),
                ("return_sequences", Kind::Bool(false)),
                ("return_state", Kind::Bool(false)),
                ("go_backwards", Kind::Bool(false)),
                ("stateful", Kind::Bool(false)),
                ("unroll", Kind::Bool(false)),
                ("zero_output_for_mask", Kind::Bool(false)),
            ],
        }
    }

    fn recurrent(&self) -> Option<&dyn Recurrent> {
        Some(self)
    }

    fn any_rank_given(&self) -> bool {
        true
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

impl Recurrent for Rnn {
    fn go(&self, args: &Args, x: ValueId, way: Way, cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let parts = cx.parts(args, args.layer("cell")?, 0, cx.shared)?;
        let course = Course::of(args, &way);
        let results = cx.stacked(args, &parts, x, &way, course)?;
        cx.step_mask(&way, course, results[0]);
        Some(results)
    }
}
