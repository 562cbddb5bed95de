//! `UpSampling1D(size)`, `UpSampling2D(size, data_format, interpolation)`, `UpSampling3D(size, data_format)`.

use super::args::Arity;
use super::spatial::{DIMS, Spatial};
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::Axis;
use crate::graph::{Num, ValueId};

pub(super) struct UpSampling(Spatial);

pub(super) const UP_SAMPLING1D: UpSampling = UpSampling(Spatial::One);
pub(super) const UP_SAMPLING2D: UpSampling = UpSampling(Spatial::Two);
pub(super) const UP_SAMPLING3D: UpSampling = UpSampling(Spatial::Three);

impl Layer for UpSampling {
    fn spec(&self) -> &'static Spec {
        const FORMAT: (&str, Kind) = ("data_format", Kind::DataFormat);
        match self.0 {
            Spatial::One => &Spec { name: "UpSampling1D", inputs: Arity::One, args: &[("size", Kind::Sizes(1))] },
            Spatial::Two => &Spec {
                name: "UpSampling2D",
                inputs: Arity::One,
                args: &[("size", Kind::Sizes(2)), FORMAT, ("interpolation", Kind::Nearest)],
            },
            Spatial::Three => {
                &Spec { name: "UpSampling3D", inputs: Arity::One, args: &[("size", Kind::Sizes(3)), FORMAT] }
            }
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let shape = cx.rank(args, inputs[0], dims + 1, DIMS[dims])?;
        let default = vec![Num::Lit(2); dims];
        let (mut axes, mut out) = (Axis::all(&shape), shape);
        for (i, size) in args.sizes("size").unwrap_or(&default).iter().enumerate() {
            super::given::require!(cx, args.span_of("size"), at_least_one(size))?;
            out.dims[i] = out.dims[i].mul(size);
            axes[i].len = out.dims[i].clone();
            axes[i].repeat = size.clone();
        }
        Some(vec![cx.gather(inputs[0], axes, out)])
    }
}
