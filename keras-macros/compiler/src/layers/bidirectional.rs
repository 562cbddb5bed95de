//! `Bidirectional(layer, merge_mode, backward_layer)`: a recurrent layer and another one that goes backwards through time.

use std::rc::Rc;

use super::kinds::Arity;
use super::recurrent::Way;
use super::wrapped::Inner;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Bidirectional;

impl Layer for Bidirectional {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Bidirectional",
            inputs: Arity::One,
            args: &[
                ("layer", Kind::Layer),
                ("merge_mode", Kind::MergeMode),
                ("weights", Kind::Absent("load them from a file, or set the fields of the model")),
                ("backward_layer", Kind::OptionalLayer),
            ],
        }
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["initial_state", "mask"]
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let call = args.layer("layer")?;
        let forward = cx.inner(call, "forward_", 0)?;
        let backward = match args.layer("backward_layer") {
            Some(call) => cx.inner(call, "", 1)?,
            None => cx.inner(call, "backward_", 1)?,
        };
        self.fits(args, &forward, &backward, cx)?;
        let sequences = forward.args.bool("return_sequences", false);
        let way = cx.way(args, inputs[0])?;
        let (built, half) = (cx.shared, way.initial.len() / 2);
        let outputs = if args.word("merge_mode") == Some("None") { 2 } else { 1 };
        let mut results = Vec::new();
        for (inner, back) in [(&forward, false), (&backward, true)] {
            let recurrent = inner.layer.recurrent()?;
            let initial = if back { &way.initial[half..] } else { &way.initial[..half] };
            let states = (way.states + 1).saturating_sub(outputs) / 2;
            let zero_masked = Some(sequences);
            let way = Way { back, zero_masked, initial: initial.to_vec(), mask: way.mask, states };
            results.push(cx.within(inner, built, |cx| recurrent.go(&inner.args, inputs[0], way, cx))?);
        }
        let ([first, states @ ..], [second, more @ ..]) = (&results[0][..], &results[1][..]) else { return None };
        let mut all = merged(args, *first, *second, cx)?;
        if let (Some(mask), true) = (way.mask, sequences) {
            all.iter().for_each(|&y| cx.mask(y, mask));
        }
        all.extend(states.iter().chain(more));
        Some(all)
    }
}

impl Bidirectional {
    /// Whether the two layers can be one. Nothing after a mistake.
    fn fits(&self, args: &Args, forward: &Inner, backward: &Inner, cx: &mut Lower<'_>) -> Option<()> {
        for (inner, name) in [(forward, "layer"), (backward, "backward_layer")] {
            if inner.layer.recurrent().is_none() {
                let message = format!("`Bidirectional`: `{name}` must be a recurrent layer, found `{}`", inner.class());
                cx.error(args.span_of(name), message);
                return None;
            }
        }
        if forward.args.bool("go_backwards", false) {
            let message = "`Bidirectional`: `layer` must go forwards through time: leave out `go_backwards`";
            cx.error(forward.args.span_of("go_backwards"), message);
            return None;
        }
        if args.layer("backward_layer").is_some() {
            let same = |name: &str| forward.args.bool(name, false) == backward.args.bool(name, false);
            let alike = ["return_sequences", "return_state", "stateful"].into_iter().all(same);
            if !backward.args.bool("go_backwards", false) || !alike {
                let message = "`Bidirectional`: `backward_layer` needs `go_backwards = true`, and `return_sequences`, \
                               `return_state` and `stateful` as `layer` has them";
                cx.error(args.span_of("backward_layer"), message);
                return None;
            }
        }
        Some(())
    }
}

/// The outputs of the two layers as one, or both. Nothing after a mistake.
fn merged(args: &Args, first: ValueId, second: ValueId, cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
    let (shape, other) = (cx.shape(first), cx.shape(second));
    let mode = args.word("merge_mode");
    if !matches!(mode, Some("concat" | "None") | None) {
        super::given::require!(cx, args.span, merge(shape, other, 0))?;
    }
    let both = vec![first, second];
    let op: Rc<dyn ops::Op> = match mode {
        Some("None") => return Some(both),
        Some("sum") => Rc::new(ops::Add(2)),
        Some("mul") => Rc::new(ops::Merged(ops::Merge::Multiply, 2)),
        Some("ave") => Rc::new(ops::Merged(ops::Merge::Average, 2)),
        _ => return Some(vec![cx.beside(both)]),
    };
    Some(vec![cx.op(op, both, vec![], shape)])
}
