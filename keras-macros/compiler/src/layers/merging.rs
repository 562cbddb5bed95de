//! What the merging layers share: inputs brought to one shape, and their masks.

use std::rc::Rc;

use quote::quote;

use super::{Args, Lower};
use crate::graph::ops::{self, Axis, Concatenate, Gather, Merge, Merged};
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
        let values = inputs.iter().map(|&input| self.repeated(input, &out));
        Some((values.collect(), out))
    }

    /// A value repeated along dimensions of 1, and along leading dimensions that it lacks: itself if it has that shape.
    pub(super) fn repeated(&mut self, value: ValueId, out: &Shape) -> ValueId {
        let shape = self.shape(value);
        let missing = vec![Num::Lit(1); out.rank().saturating_sub(shape.rank())];
        let padded = shape.with_dims([missing, shape.dims.clone()].concat());
        let (mut axes, mut same) = (Axis::all(&padded), shape.rank() == out.rank());
        for (axis, len) in axes.iter_mut().zip(&out.dims).filter(|(axis, len)| !axis.from.same(len)) {
            axis.repeat = len.div(&axis.from);
            axis.len = len.clone();
            same = false;
        }
        if same { value } else { self.gather(value, axes, out.clone()) }
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

    /// Several values as one, and its mask. Nothing after a mistake.
    pub(super) fn merge(&mut self, args: &Args, inputs: &[ValueId], merge: Merge) -> Option<Vec<ValueId>> {
        let layer = 1 + merge as usize;
        let (values, shape) = self.broadcast(args, inputs, layer)?;
        let masks = self.masks(inputs, &shape);
        let any = match merge {
            Merge::Subtract | Merge::Average => false,
            Merge::Multiply | Merge::Maximum | Merge::Minimum => masks.iter().any(Option::is_some),
        };
        let (y, mask) = match merge {
            Merge::Maximum | Merge::Minimum if any => self.one_by_one(&values, &masks, merge, &shape),
            _ => {
                let factors = if any { self.factors_of(&values, &masks) } else { values };
                let mask = self.either(&masks);
                let y = self.op(Rc::new(Merged(merge, factors.len())), factors, vec![], shape);
                // A product of what no mask counts is 0.
                (mask.filter(|_| any).map_or(y, |mask| self.filled(y, mask, 0.0)), mask)
            }
        };
        if let Some(mask) = mask {
            self.mask(y, mask);
        }
        Some(vec![y])
    }

    /// The masks of the inputs of a merging layer, brought to the shape of what it gives, as the inputs are.
    pub(super) fn masks(&mut self, inputs: &[ValueId], out: &Shape) -> Vec<Option<ValueId>> {
        let mask = |&input: &ValueId| {
            let mask = self.mask_of(input)?;
            let shape = self.shape(mask);
            // As many dimensions of the output lie behind those of the mask as of the input.
            let behind = self.shape(input).rank().saturating_sub(shape.rank());
            let dims = out.dims.get(..out.rank().saturating_sub(behind))?.to_vec();
            let known = shape.known().is_some() && dims.iter().all(|dim| dim.known().is_some());
            if !known || shape.rank() > dims.len() {
                return Some(mask);
            }
            Some(self.repeated(mask, &shape.with_dims(dims)))
        };
        inputs.iter().map(mask).collect()
    }

    /// A mask of what counts in one of several values, if each of them has a mask.
    pub(super) fn either(&mut self, masks: &[Option<ValueId>]) -> Option<ValueId> {
        let masks: Vec<ValueId> = masks.iter().copied().collect::<Option<_>>()?;
        let (&first, rest) = masks.split_first()?;
        if rest.iter().all(|&mask| mask == first) {
            return Some(first);
        }
        let (shape, either) = (self.shape(first), Merged(Merge::Maximum, masks.len()));
        Some(self.op(Rc::new(either), masks, vec![], shape))
    }

    /// The factors of a product: 1 where a mask leaves one out.
    fn factors_of(&mut self, values: &[ValueId], masks: &[Option<ValueId>]) -> Vec<ValueId> {
        let factor = |(&value, mask): (&ValueId, &Option<ValueId>)| match *mask {
            Some(mask) => self.filled(value, mask, 1.0),
            None => value,
        };
        values.iter().zip(masks).map(factor).collect()
    }

    /// A value where a mask counts, one number elsewhere.
    pub(super) fn filled(&mut self, value: ValueId, mask: ValueId, fill: f32) -> ValueId {
        let (shape, n) = (self.shape(value), self.behind(value, mask));
        self.op(Rc::new(ops::Mask { n, fill }), vec![value, mask], vec![], shape)
    }

    /// A mask of so many dimensions that leaves nothing of a value out.
    pub(super) fn all_count(&mut self, value: ValueId, rank: usize) -> ValueId {
        let shape = self.shape(value);
        let (dims, n) = (shape.dims[..rank].to_vec(), Num::product(&shape.dims[rank..]));
        // No number is equal to this one.
        let op = ops::NotEqual { n, value: quote!(::core::primitive::f32::NAN) };
        self.op(Rc::new(op), vec![value], vec![], shape.with_dims(dims))
    }

    /// Elements of a value for each of a mask.
    fn behind(&self, value: ValueId, mask: ValueId) -> Num {
        let rank = self.shape(mask).rank();
        Num::product(self.shape(value).dims.get(rank..).unwrap_or_default())
    }

    /// The largest or smallest of values, of which one takes the place of another that a mask leaves out, as Keras goes
    /// through them: from the first to the last. And its mask.
    fn one_by_one(
        &mut self,
        values: &[ValueId],
        masks: &[Option<ValueId>],
        merge: Merge,
        shape: &Shape,
    ) -> (ValueId, Option<ValueId>) {
        let (mut y, mut of_y) = (values[0], masks[0]);
        let select = |cx: &mut Self, a, b, mask| {
            let n = cx.behind(a, mask);
            cx.op(Rc::new(ops::Select(n)), vec![a, b, mask], vec![], shape.clone())
        };
        for (&value, &mask) in values[1..].iter().zip(&masks[1..]) {
            let x = mask.map_or(value, |mask| select(self, value, y, mask));
            y = of_y.map_or(y, |mask| select(self, y, x, mask));
            of_y = self.either(&[of_y, mask]);
            y = self.op(Rc::new(Merged(merge, 2)), vec![y, x], vec![], shape.clone());
        }
        (y, of_y)
    }
}
