//! Layers that work along some dimensions of their input: these are brought to the end, in one.

use std::rc::Rc;

use super::{Args, Lower};
use crate::graph::ops::{Axis, Op};
use crate::graph::{Num, ParamId, Shape, ValueId};

impl Lower<'_> {
    /// The dimensions that an argument names, counted from 0 without the batch, in order. Keras counts the batch as axis
    /// 0, and negative axes from the end. Nothing after a mistake.
    pub(super) fn axes(&mut self, args: &Args, name: &str, given: &[i64], rank: usize) -> Option<Vec<usize>> {
        let mut axes = Vec::new();
        for &given in given {
            let axis = if given < 0 { rank as i64 + given } else { given - 1 };
            let axis = usize::try_from(axis).ok().filter(|&axis| axis < rank);
            let what = match (axis, rank) {
                (Some(axis), _) if !axes.contains(&axis) => {
                    axes.push(axis);
                    continue;
                }
                (Some(_), _) => format!("names a dimension twice: {given}"),
                (None, 1) => format!("must be 1 or -1, got {given} (0 is the batch)"),
                (None, _) => format!("must be 1 to {rank}, or -{rank} to -1, got {given} (0 is the batch)"),
            };
            self.error(args.span_of(name), format!("`{}`: `{name}` {what}", args.spec.name));
            return None;
        }
        axes.sort_unstable();
        Some(axes)
    }

    /// An op over rows, given their length, along these dimensions: they are brought to the end and taken as one, and
    /// brought back. `wide` is what becomes of one dimension's length.
    pub(super) fn along(
        &mut self,
        value: ValueId,
        axes: &[usize],
        op: impl FnOnce(Num) -> Rc<dyn Op>,
        wide: impl FnOnce(Num) -> Num,
    ) -> ValueId {
        self.along_with(value, axes, vec![], |_, rows| op(rows.last()), wide)
    }

    /// The same for an op with weights, which is given the shape of its input.
    pub(super) fn along_with(
        &mut self,
        value: ValueId,
        axes: &[usize],
        params: Vec<ParamId>,
        op: impl FnOnce(&mut Self, &Shape) -> Rc<dyn Op>,
        wide: impl FnOnce(Num) -> Num,
    ) -> ValueId {
        let shape = self.shape(value);
        let rank = shape.rank();
        if axes == [rank - 1] {
            let out = shape.with_last(wide(shape.last()));
            let op = op(self, &shape);
            return self.op(op, vec![value], params, out);
        }
        let order: Vec<usize> = (0..rank).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
        let moved = self.permute(value, &order);
        let permuted = self.shape(moved);
        let outer = rank - axes.len();
        let row = Num::product(&permuted.dims[outer..]);
        let rows = |n: Num| {
            let dims = permuted.dims[..outer].iter().cloned().chain([n]).collect();
            permuted.with_dims(dims)
        };
        let flat = self.alias(moved, rows(row.clone()));
        let op = op(self, &rows(row.clone()));
        let result = wide(row);
        let out = self.op(op, vec![flat], params, rows(result.clone()));
        let whole = if axes.len() == 1 { permuted.with_last(result) } else { permuted };
        let out = self.alias(out, whole);
        let mut back = vec![0; rank];
        for (to, &from) in order.iter().enumerate() {
            back[from] = to;
        }
        self.permute(out, &back)
    }

    /// The value with its dimensions in another order: dimension i is what dimension `order[i]` was.
    pub(super) fn permute(&mut self, value: ValueId, order: &[usize]) -> ValueId {
        if order.is_sorted() {
            return value;
        }
        let shape = self.shape(value);
        let (axes, dims): (Vec<Axis>, Vec<Num>) = {
            let all = Axis::all(&shape);
            order.iter().map(|&axis| (all[axis].clone(), shape.dims[axis].clone())).unzip()
        };
        self.gather(value, axes, Shape { dims, ..shape })
    }

    /// Whether the input has so many dimensions; told if not. `dims` says what they are.
    pub(super) fn rank(&mut self, args: &Args, value: ValueId, rank: usize, dims: &str) -> Option<Shape> {
        let shape = self.shape(value);
        if shape.rank() == rank {
            return Some(shape);
        }
        let (s, found) = (if rank == 1 { "" } else { "s" }, shape.rank());
        let message =
            format!("`{}` needs an input of {rank} dimension{s} ({dims}), found one of {found}", args.spec.name);
        self.error(args.span, message);
        None
    }
}
