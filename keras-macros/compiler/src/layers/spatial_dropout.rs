//! `SpatialDropout1D(rate, seed)`, `SpatialDropout2D(rate, data_format, seed)`, `SpatialDropout3D(rate, data_format,
//! seed)`: whole channels.

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct SpatialDropout(Spatial);

pub(super) const SPATIAL_DROPOUT1D: SpatialDropout = SpatialDropout(Spatial::One);
pub(super) const SPATIAL_DROPOUT2D: SpatialDropout = SpatialDropout(Spatial::Two);
pub(super) const SPATIAL_DROPOUT3D: SpatialDropout = SpatialDropout(Spatial::Three);

impl Layer for SpatialDropout {
    fn spec(&self) -> &'static Spec {
        const RATE: (&str, Kind) = ("rate", Kind::Share);
        const FORMAT: (&str, Kind) = ("data_format", Kind::Channels);
        const SEED: (&str, Kind) = ("seed", Kind::Seed);
        match self.0 {
            Spatial::One => &Spec { name: "SpatialDropout1D", inputs: Arity::One, args: &[RATE, SEED] },
            Spatial::Two => &Spec { name: "SpatialDropout2D", inputs: Arity::One, args: &[RATE, FORMAT, SEED] },
            Spatial::Three => &Spec { name: "SpatialDropout3D", inputs: Arity::One, args: &[RATE, FORMAT, SEED] },
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let (_, first) = cx.spatial(args, inputs[0], dims)?;
        let channels = if first == 0 { dims } else { 0 };
        let rate = cx.number(args, "rate", 0.0);
        let own: Vec<bool> = (0..=dims).map(|i| i == channels).collect();
        Some(vec![cx.shaped_dropout(args, inputs[0], rate, false, true, &own)])
    }
}
