//! What the merging layers share: inputs brought to one shape.

use std::rc::Rc;

use super::{Args, Lower};
use crate::graph::ops::{Axis, Concatenate, Gather, Merge, Merged};
use crate::graph::{Num, Shape, ValueId};

impl Lower<'_> {
    /// The inputs of a merging layer in one shape: as they are, or, where all sizes are known, repeated along dimensions
    /// of 1 and along leading dimensions that they lack. Nothing after a mistake.
    pub(super) fn broadcast(&mut self, args: &Args, inputs: &[ValueId], layer: usize) -> Option<(Vec<ValueId>, Shape)> {
        let shapes: Vec<Shape> = inputs.iter().map(|&input| self.shape(input)).collect();
        let mut out = shapes[0].clone();
        let known = |shape: &Shape| shape.known().is_some();
        if !shapes.iter().all(known) {
            for other in &shapes[1..] {
                super::given::require!(self, args.span, merge(out, other, layer))?;
                out = out.and(other);
            }
            return Some((inputs.to_vec(), out));
        }
        for other in &shapes[1..] {
            let rank = out.rank().max(other.rank());
            let wider = super::given::infer!(self, args.span, rank, broadcast(out, other, layer))?;
            out = Shape { poison: out.poison || other.poison, ..wider };
        }
        let same = |a: &Shape, b: &Shape| {
            a.rank() == b.rank() && a.dims.iter().zip(&b.dims).all(|(a, b)| a.known() == b.known())
        };
        let values = inputs.iter().zip(&shapes);
        let values =
            values.map(|(&input, shape)| if same(shape, &out) { input } else { self.repeated(input, shape, &out) });
        Some((values.collect(), out))
    }

    fn repeated(&mut self, value: ValueId, shape: &Shape, out: &Shape) -> ValueId {
        let missing = vec![Num::Lit(1); out.rank() - shape.rank()];
        let padded = shape.with_dims(missing.iter().chain(&shape.dims).cloned().collect());
        let mut axes = Axis::all(&padded);
        for (axis, len) in axes.iter_mut().zip(&out.dims) {
            if axis.from.known() == Some(1) {
                axis.repeat = len.clone();
            }
            axis.len = len.clone();
        }
        self.gather(value, axes, out.clone())
    }

    /// Values that differ in their features only as one, their features side by side.
    pub(super) fn beside(&mut self, values: Vec<ValueId>) -> ValueId {
        let shape = self.shape(values[0]);
        let widths: Vec<Num> = values.iter().map(|&value| self.shape(value).last()).collect();
        let wide = widths[1..].iter().fold(widths[0].clone(), |wide, width| wide.add(width));
        let op = Concatenate { outer: shape.outer(), widths };
        self.op(Rc::new(op), values, vec![], shape.with_last(wide))
    }

    /// A value whose elements are moved by a rule.
    pub(super) fn gather(&mut self, value: ValueId, axes: Vec<Axis>, shape: Shape) -> ValueId {
        let len = self.shape(value).len();
        self.op(Rc::new(Gather { len, axes }), vec![value], vec![], shape)
    }

    /// Several values as one. Nothing after a mistake.
    pub(super) fn merge(&mut self, args: &Args, inputs: &[ValueId], merge: Merge) -> Option<Vec<ValueId>> {
        let layer = 1 + merge as usize;
        let (values, shape) = self.broadcast(args, inputs, layer)?;
        Some(vec![self.op(Rc::new(Merged(merge, values.len())), values, vec![], shape)])
    }
}
