//! `RMSNormalization(axis, epsilon)`: scale · x / √(mean of x² + epsilon) along some dimensions.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct RMSNormalization;

impl Layer for RMSNormalization {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "RMSNormalization",
            inputs: Arity::One,
            args: &[("axis", Kind::Axes), ("epsilon", Kind::NotNegative(1e-6))],
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (axes, dims) = cx.normalized(args, inputs[0])?;
        let scale = cx.along_dims(args, "scale", "Ones", &dims)?;
        Some(vec![cx.normalize_rows(args, inputs[0], &axes, [true, false], vec![scale], None)])
    }
}
