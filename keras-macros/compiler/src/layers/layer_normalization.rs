//! `LayerNormalization(axis, epsilon, center, scale, …)`: γ (x − mean) / √(variance + epsilon) + β along some dimensions.

use std::rc::Rc;

use super::kinds::Arity;
use super::normalized::WEIGHTS;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ParamId, Shape, ValueId, ops};

pub(super) struct LayerNormalization;

impl Layer for LayerNormalization {
    fn spec(&self) -> &'static Spec {
        const ARGS: [(&str, Kind); 11] = {
            let [a, b, c, d, e, f, g, h] = WEIGHTS;
            let scaling = Kind::Off("use `RMSNormalization`, as Keras says of it");
            let epsilon = ("epsilon", Kind::NotNegative(1e-3));
            [("axis", Kind::Axes), epsilon, a, b, c, d, e, f, g, h, ("rms_scaling", scaling)]
        };
        &Spec { name: "LayerNormalization", inputs: Arity::One, args: &ARGS }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn rounds_inputs(&self) -> bool {
        false
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (axes, dims) = cx.normalized(args, inputs[0])?;
        let (has, params) = cx.factors(args, &dims)?;
        Some(vec![cx.normalize_rows(args, inputs[0], &axes, has, params, Some(1e-3))])
    }
}

impl Lower<'_> {
    /// The dimensions that `axis` names, and their lengths.
    pub(super) fn normalized(&mut self, args: &Args, value: ValueId) -> Option<(Vec<usize>, Vec<Num>)> {
        let shape = self.shape(value);
        let axes = self.axes(args, "axis", args.ints("axis").unwrap_or(&[-1]), shape.rank())?;
        let dims = axes.iter().map(|&axis| shape.dims[axis].clone()).collect();
        Some((axes, dims))
    }

    /// Normalizes along these dimensions: to a mean of 0 too if `centered` has the default of epsilon, else RMS alone.
    pub(super) fn normalize_rows(
        &mut self,
        args: &Args,
        value: ValueId,
        axes: &[usize],
        [gamma, beta]: [bool; 2],
        params: Vec<ParamId>,
        centered: Option<f64>,
    ) -> ValueId {
        let epsilon = self.number(args, "epsilon", centered.unwrap_or(1e-6)).tokens;
        let op = |cx: &mut Self, rows: &Shape| {
            let stats = cx.value(Shape::new(vec![rows.outer().mul(&Num::Lit(2))]), None);
            Rc::new(ops::Normalization {
                outer: rows.outer(),
                positions: Num::Lit(1),
                groups: Num::Lit(1),
                depth: rows.last(),
                epsilon,
                centered: centered.is_some(),
                gamma,
                beta,
                stats,
            }) as Rc<dyn ops::Op>
        };
        self.along_with(value, axes, params, op, |n| n)
    }
}
