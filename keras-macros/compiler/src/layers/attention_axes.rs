//! Attention along some dimensions of a query of several: these are its steps, at each position of the others.
//!
//! A position of the others has heads of its own: inputs are brought to steps, other positions, features, of which the
//! projections make heads of each position, and no step of the attention itself knows of it.

use std::rc::Rc;

use super::attending::MASK;
use super::given::require;
use super::{Args, Lower};
use crate::graph::ops::{self, Merge};
use crate::graph::{Num, Shape, ValueId};

/// Which dimensions of a query and its keys are steps.
pub(super) struct Axes {
    /// The steps, in the order in which they were named, and the others but the last.
    steps: Vec<usize>,
    others: Vec<usize>,
    /// How long each is, in the query, and in the keys.
    query: Vec<Num>,
    keys: Vec<Num>,
}

impl Axes {
    fn sizes(of: &[Num], axes: &[usize]) -> Vec<Num> {
        axes.iter().map(|&axis| of[axis].clone()).collect()
    }

    /// How many positions the other dimensions have.
    pub(super) fn positions(&self) -> Num {
        Num::product(&Axes::sizes(&self.query, &self.others))
    }

    fn order(&self) -> Vec<usize> {
        [&self.steps[..], &self.others, &[self.query.len()]].concat()
    }

    /// The dimensions of the scores that a call gives: other positions, heads, queries, keys.
    fn scores(&self, heads: &Num) -> Vec<Num> {
        let (queries, keys) = (Axes::sizes(&self.query, &self.steps), Axes::sizes(&self.keys, &self.steps));
        [Axes::sizes(&self.query, &self.others), vec![heads.clone()], queries, keys].concat()
    }
}

impl Lower<'_> {
    /// The dimensions that `attention_axes` names, or all; nothing of it where the inputs are of steps and features. Nothing
    /// after a mistake.
    pub(super) fn attention_axes(&mut self, args: &Args, inputs: [ValueId; 3], layer: usize) -> Option<Option<Axes>> {
        let [query, value, key] = inputs.map(|input| self.shape(input));
        let rank = query.rank();
        if rank < 2 || [&value, &key].iter().any(|shape| shape.rank() != rank) {
            let found: Vec<String> = [&query, &value, &key].map(|shape| shape.rank().to_string()).into();
            let message = format!(
                "`{}`: query, value and key need as many dimensions, 2 or more of them (steps, features), found {}",
                args.spec.name,
                found.join(", ")
            );
            self.error(args.span, message);
            return None;
        }
        let given = args.ints("attention_axes");
        let steps = match given {
            Some(given) => {
                self.axes(args, "attention_axes", given, rank)?;
                let axis = |&axis: &i64| if axis < 0 { rank as i64 + axis } else { axis - 1 };
                given.iter().map(|given| axis(given) as usize).collect()
            }
            None => (0..rank - 1).collect::<Vec<_>>(),
        };
        if let (Some(i), Some(given)) = (steps.iter().position(|&step| step == rank - 1), given) {
            let message = format!(
                "`{}`: `attention_axes` must be dimensions before the last, found {}, which are the features: leave it out",
                args.spec.name, given[i]
            );
            self.error(args.span_of("attention_axes"), message);
            return None;
        }
        if rank == 2 {
            return Some(None);
        }
        let others: Vec<usize> = (0..rank - 1).filter(|axis| !steps.contains(axis)).collect();
        let free = others.iter().fold(0, |free, axis| free | 1 << axis);
        require!(self, args.span, attention_axes(query, value, key, free, layer))?;
        let [query, keys] = [query, key].map(|shape| shape.dims[..rank - 1].to_vec());
        let banded =
            self.switched.iter().any(|word| word == "use_causal_mask") || args.size("sliding_window").is_some();
        if banded && steps.len() > 1 {
            let message = format!(
                "`{}`: `use_causal_mask` and `sliding_window` need one of `attention_axes`, found {}",
                args.spec.name,
                steps.len()
            );
            self.error(args.span, message);
            return None;
        }
        Some(Some(Axes { steps, others, query, keys }))
    }

    /// Query, value and key as steps, other positions and features.
    pub(super) fn steps_first(&mut self, inputs: [ValueId; 3], axes: &Axes) -> [ValueId; 3] {
        let mut moved: Vec<ValueId> = Vec::new();
        for (i, &input) in inputs.iter().enumerate() {
            let before = inputs[..i].iter().position(|&other| other == input);
            moved.push(match before {
                Some(before) => moved[before],
                None => {
                    let moved = self.permute(input, &axes.order());
                    let shape = self.shape(moved);
                    let steps = Num::product(&shape.dims[..axes.steps.len()]);
                    let dims = vec![steps, axes.positions(), shape.last()];
                    self.alias(moved, shape.with_dims(dims))
                }
            });
        }
        [moved[0], moved[1], moved[2]]
    }

    /// Steps, and all heads of all positions in one.
    pub(super) fn flat(&mut self, value: ValueId) -> ValueId {
        let shape = self.shape(value);
        let dims = vec![shape.dims[0].clone(), Num::product(&shape.dims[1..])];
        self.alias(value, shape.with_dims(dims))
    }

    /// What comes of the query, in its dimensions.
    pub(super) fn steps_back(&mut self, value: ValueId, axes: &Axes) -> ValueId {
        let shape = self.shape(value);
        let order = axes.order();
        let dims: Vec<Num> = [&axes.query[..], &[shape.last()]].concat();
        let moved = self.alias(value, shape.with_dims(Axes::sizes(&dims, &order)));
        let mut back = vec![0; order.len()];
        for (to, &from) in order.iter().enumerate() {
            back[from] = to;
        }
        self.permute(moved, &back)
    }

    /// The scores in the dimensions that a call gives them.
    pub(super) fn scores_along(&mut self, scores: ValueId, axes: &Axes, heads: &Num) -> ValueId {
        let shape = self.shape(scores);
        self.alias(scores, shape.with_dims(axes.scores(heads)))
    }

    /// What may attend to what by the masks of query and keys and the one that the call is given, as a mask for all heads of
    /// all positions, or for each. Nothing after a mistake.
    pub(super) fn pairs_along(
        &mut self,
        args: &Args,
        axes: &Axes,
        [of_query, of_keys]: [Option<ValueId>; 2],
        heads: &Num,
        layer: usize,
    ) -> Option<Option<ValueId>> {
        let mut masks = Vec::new();
        for (mask, before) in [(of_query, false), (of_keys, true)] {
            let Some(mask) = mask else { continue };
            let shape = self.shape(mask);
            if axes.steps != [shape.rank() - 1] {
                let along: Vec<String> = axes.steps.iter().map(|step| (step + 1).to_string()).collect();
                let message = format!(
                    "`{}`: where inputs have masks, attention must go along the last dimension of these, number {}, found \
                     dimension {}: name that one in `attention_axes`, or say what may attend to what with `{MASK}`",
                    args.spec.name,
                    shape.rank(),
                    along.join(", ")
                );
                self.error(args.span, message);
                return None;
            }
            let mut dims = shape.dims.clone();
            dims.insert(dims.len() - usize::from(before), Num::Lit(1));
            masks.push(self.alias(mask, shape.with_dims(dims)));
        }
        if let Some(mask) = self.mask_given(args, MASK)? {
            masks.push(self.floats(mask));
        }
        let mut pairs = None;
        for mask in masks {
            let mask = self.spread(args, mask, &axes.scores(heads), 2 * axes.steps.len(), layer)?;
            pairs = Some(match pairs {
                Some(other) => {
                    let shape = self.shape(mask);
                    self.op(Rc::new(ops::Merged(Merge::Multiply, 2)), vec![other, mask], vec![], shape)
                }
                None => mask,
            });
        }
        Some(pairs)
    }

    /// A mask, of which the last `behind` dimensions are queries and keys and the first are those of the scores, for each
    /// head of each position. Nothing after a mistake.
    fn spread(&mut self, args: &Args, mask: ValueId, scores: &[Num], behind: usize, layer: usize) -> Option<ValueId> {
        let shape = self.shape(mask);
        let first = shape.rank().checked_sub(behind).filter(|&first| first + behind <= scores.len());
        let wanted = |first: usize| [&scores[..first], &scores[scores.len() - behind..]].concat();
        let Some(first) = first else {
            let message = format!(
                "`{}`: `attention_mask` needs {behind} dimensions of queries and keys and at the most {} before them, \
                 found {}",
                args.spec.name,
                scores.len() - behind,
                shape.rank()
            );
            self.error(args.span, message);
            return None;
        };
        require!(self, args.span, attention_mask_along(shape, Shape::new(wanted(first)), layer))?;
        let ones = vec![Num::Lit(1); scores.len() - behind - first];
        let full = self.alias(mask, shape.with_dims([&shape.dims[..first], &ones, &shape.dims[first..]].concat()));
        let spread = self.repeated(full, &shape.with_dims(scores.to_vec()));
        let (heads, pairs) = scores.split_at(scores.len() - behind);
        let (queries, keys) = pairs.split_at(behind / 2);
        let flat = [heads, queries, keys].map(Num::product).to_vec();
        Some(self.alias(spread, shape.with_dims(flat)))
    }
}
