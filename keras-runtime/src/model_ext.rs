//! What every model can say of itself, and keep on disk.

#[cfg(feature = "safetensors")]
use std::path::Path;

use crate::Model;
#[cfg(feature = "safetensors")]
use crate::Result;
use crate::summary::{self, Summary};
#[cfg(feature = "safetensors")]
use crate::weights::{self, Load};

/// Summary, sizes and files, on models that are compiled for training and models that are not.
pub trait ModelExt: Model {
    /// The model as a table, in the layout of Keras's `summary()`. A model compiled for training has a method of the same
    /// name that knows of its optimizer and of layers frozen since.
    fn summary(&self) -> String {
        self.summary_with(&Summary::new())
    }

    /// The model as a table with other columns or another width.
    fn summary_with(&self, options: &Summary<'_>) -> String {
        summary::text(Self::GRAPH, options)
    }

    /// What the compiler made of the model, in words: ops, what was fused, which gradients are computed and which are
    /// added to, where each buffer lies (in floats for each row).
    fn explain(&self) -> String {
        crate::explain::text(Self::GRAPH)
    }

    /// How many weights it has, state included.
    fn count_params(&self) -> usize {
        Self::FLOATS
    }

    /// All weights, state included, one layer's after the other's.
    fn get_weights(&self) -> &[f32] {
        self.as_slice()
    }

    /// Copies the weights of another model of this type: of a trained one, say, into a model that it is a layer of.
    ///
    /// ```text
    /// model.backbone.set_weights(&trained);
    /// ```
    fn set_weights(&mut self, other: &Self) {
        self.as_mut_slice().copy_from_slice(other.as_slice());
    }

    /// Writes the weights to a safetensors file, tensor by tensor under the names `<layer>/<weight>`. The file gets its
    /// name when it is whole.
    ///
    /// # Errors
    /// If the file cannot be written.
    #[cfg(feature = "safetensors")]
    fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        weights::save(Self::GRAPH, self.as_slice(), path.as_ref())
    }

    /// Reads the weights from a safetensors file, by name.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is that of another model. The weights are then what they were.
    #[cfg(feature = "safetensors")]
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.load_weights_with(path, Load::new()).map(|_| ())
    }

    /// Reads the weights that fit, if the options say so; a line for each that did not.
    ///
    /// # Errors
    /// As [`ModelExt::load_weights`], but for what the options let pass.
    #[cfg(feature = "safetensors")]
    fn load_weights_with(&mut self, path: impl AsRef<Path>, options: Load) -> Result<Vec<String>> {
        weights::load(Self::GRAPH, self.as_mut_slice(), path.as_ref(), options)
    }
}

impl<M: Model> ModelExt for M {}
