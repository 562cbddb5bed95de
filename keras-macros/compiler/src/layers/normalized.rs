//! What layers that normalize have in common: factors and offsets.

use super::given::require;
use super::kinds::Kind;
use super::{Args, Lower};
use crate::graph::{Num, ParamId, Shape};

/// The arguments behind `axis` and `epsilon`, in the order of Keras.
pub(super) const WEIGHTS: [(&str, Kind); 8] = [
    ("center", Kind::Bool(true)),
    ("scale", Kind::Bool(true)),
    ("beta_initializer", Kind::Initializer("Zeros")),
    ("gamma_initializer", Kind::Initializer("Ones")),
    ("beta_regularizer", Kind::Regularizer),
    ("gamma_regularizer", Kind::Regularizer),
    ("beta_constraint", Kind::Constraint),
    ("gamma_constraint", Kind::Constraint),
];

impl Lower<'_> {
    /// Factors and offsets of this shape, as far as the layer has them: which it has, and their params, which stay f32 under
    /// every policy. Nothing after a mistake.
    pub(super) fn factors(&mut self, args: &Args, dims: &[Num]) -> Option<([bool; 2], Vec<ParamId>)> {
        let has = [args.bool("scale", true), args.bool("center", true)];
        let mut params = Vec::new();
        for (name, default, has) in [("gamma", "Ones", has[0]), ("beta", "Zeros", has[1])] {
            if has {
                let param = self.along_dims(args, name, default, dims)?;
                self.unrounded(param);
                params.push(param);
            }
        }
        Some((has, params))
    }

    /// A weight of this shape, which an earlier call of a shared layer must have given the same one. Nothing after a
    /// mistake.
    pub(super) fn along_dims(
        &mut self,
        args: &Args,
        name: &'static str,
        default: &str,
        dims: &[Num],
    ) -> Option<ParamId> {
        let param = self.weight(args, name, dims.to_vec(), default);
        let built = Shape::new(self.graph.params[param].shape.clone());
        if built.rank() != dims.len() || built.dims.iter().zip(dims).any(|(a, b)| !a.same(b)) {
            let here = Shape::new(dims.to_vec());
            require!(self, args.span, shared_whole(here, built))?;
        }
        Some(param)
    }
}
