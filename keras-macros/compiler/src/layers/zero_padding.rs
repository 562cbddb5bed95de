//! `ZeroPadding1D(padding)`, `ZeroPadding2D(padding, data_format)`, `ZeroPadding3D(padding, data_format)`.

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::Axis;
use crate::graph::{Num, ValueId};

pub(super) struct ZeroPadding(Spatial);

pub(super) const ZERO_PADDING1D: ZeroPadding = ZeroPadding(Spatial::One);
pub(super) const ZERO_PADDING2D: ZeroPadding = ZeroPadding(Spatial::Two);
pub(super) const ZERO_PADDING3D: ZeroPadding = ZeroPadding(Spatial::Three);

impl Layer for ZeroPadding {
    fn spec(&self) -> &'static Spec {
        const FORMAT: (&str, Kind) = ("data_format", Kind::Channels);
        match self.0 {
            Spatial::One => {
                &Spec { name: "ZeroPadding1D", inputs: Arity::One, args: &[("padding", Kind::Pairs(1)), FORMAT] }
            }
            Spatial::Two => {
                &Spec { name: "ZeroPadding2D", inputs: Arity::One, args: &[("padding", Kind::Pairs(2)), FORMAT] }
            }
            Spatial::Three => {
                &Spec { name: "ZeroPadding3D", inputs: Arity::One, args: &[("padding", Kind::Pairs(3)), FORMAT] }
            }
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let (shape, first) = cx.spatial(args, inputs[0], dims)?;
        let default = vec![[Num::Lit(1), Num::Lit(1)]; dims];
        let (mut axes, mut out) = (Axis::all(&shape), shape);
        for (i, [before, behind]) in (first..).zip(args.pairs("padding").unwrap_or(&default)) {
            out.dims[i] = before.add(&out.dims[i]).add(behind);
            axes[i].len = out.dims[i].clone();
            axes[i].before = before.clone();
        }
        Some(vec![cx.gather(inputs[0], axes, out)])
    }
}
