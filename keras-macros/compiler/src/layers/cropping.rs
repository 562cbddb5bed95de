//! `Cropping1D(cropping)`, `Cropping2D(cropping, data_format)`, `Cropping3D(cropping, data_format)`.

use super::kinds::Arity;
use super::spatial::Spatial;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::Axis;
use crate::graph::{Num, ValueId};

pub(super) struct Cropping(Spatial);

pub(super) const CROPPING1D: Cropping = Cropping(Spatial::One);
pub(super) const CROPPING2D: Cropping = Cropping(Spatial::Two);
pub(super) const CROPPING3D: Cropping = Cropping(Spatial::Three);

impl Layer for Cropping {
    fn spec(&self) -> &'static Spec {
        const FORMAT: (&str, Kind) = ("data_format", Kind::Channels);
        match self.0 {
            Spatial::One => &Spec { name: "Cropping1D", inputs: Arity::One, args: &[("cropping", Kind::Pairs(1))] },
            Spatial::Two => {
                &Spec { name: "Cropping2D", inputs: Arity::One, args: &[("cropping", Kind::Pairs(2)), FORMAT] }
            }
            Spatial::Three => {
                &Spec { name: "Cropping3D", inputs: Arity::One, args: &[("cropping", Kind::Pairs(3)), FORMAT] }
            }
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let dims = self.0 as usize;
        let (shape, first) = cx.spatial(args, inputs[0], dims)?;
        // As in Keras, the one of two dimensions cuts nothing off by default, the others do.
        let default = vec![[Num::Lit(usize::from(dims != 2)), Num::Lit(usize::from(dims != 2))]; dims];
        let cropping = args.pairs("cropping").unwrap_or(&default);
        let (mut axes, mut out) = (Axis::all(&shape), shape.clone());
        for (i, [before, behind]) in (first..).zip(cropping) {
            let cut = super::given::infer!(cx, args.span_of("cropping"), dims + 1, cropping(shape, i, before, behind))?;
            out.dims[i] = cut.dims[i].clone();
            out.after.extend(cut.after);
            axes[i].len = out.dims[i].clone();
            axes[i].skip = before.clone();
        }
        Some(vec![cx.gather(inputs[0], axes, out)])
    }
}
