//! Weights as the passes of a model with mixed policies read them.
//!
//! Layers under a policy such as `mixed_bfloat16` compute with rounded weights, and what is trained are the weights as they are. So the
//! phases by rows ([`Model::forward`], [`Model::backward_data`], [`Model::infer`]) are given a block in which the weights of such
//! layers are rounded, and [`Model::backward_params`] updates the model's own. A model in which nothing is rounded is that
//! block itself.

use keras_kernels::Isa;
#[cfg(feature = "std")]
use keras_kernels::memory::Floats;
use keras_kernels::round::{self, Precision};

use super::Graph;
#[cfg(feature = "std")]
use super::Model;

impl Graph {
    /// Whether the weights of a layer are rounded where a pass reads them.
    #[must_use]
    pub const fn is_mixed(&self) -> bool {
        let mut i = 0;
        while i < self.params.len() {
            if !matches!(self.params[i].precision, Precision::Float32) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Copies the parameter block, the weights that layers round rounded.
    ///
    /// # Panics
    /// If a block is too short for the model.
    pub fn weigh(&self, isa: Isa, weights: &[f32], rounded: &mut [f32]) {
        rounded.copy_from_slice(weights);
        for param in self.params.iter().filter(|param| param.precision != Precision::Float32) {
            let len: usize = param.shape.iter().product();
            round::forward(isa, &mut rounded[param.at..param.at + len], None, param.precision);
        }
    }
}

/// Room for the weights that the passes of a model read, if these are not those of the model itself.
#[cfg(feature = "std")]
#[derive(Debug, Default)]
pub struct Weighed(Option<Floats>);

#[cfg(feature = "std")]
impl Weighed {
    /// Room that is yet to be taken.
    #[must_use]
    pub const fn new() -> Weighed {
        Weighed(None)
    }

    /// What the passes of a model read, with its weights as they are now. It allocates when it is first called.
    pub fn of<'w, M: Model>(&'w mut self, model: &'w M) -> &'w M {
        if const { M::GRAPH.is_mixed() } {
            let room = self.0.get_or_insert_with(|| Floats::zeroed(M::FLOATS));
            if room.len() < M::FLOATS {
                *room = Floats::zeroed(M::FLOATS);
            }
            M::GRAPH.weigh(Isa::current(), model.as_slice(), &mut room[..M::FLOATS]);
        }
        self.last(model)
    }

    /// What [`Weighed::of`] has given for this model.
    #[must_use]
    pub fn last<'w, M: Model>(&'w self, model: &'w M) -> &'w M {
        match &self.0 {
            Some(room) if const { M::GRAPH.is_mixed() } => M::from_slice(&room[..M::FLOATS]),
            _ => model,
        }
    }
}
