//! What every model can say of itself.

use crate::Model;
use crate::summary::{self, Summary};

/// Summary and sizes, on models that are compiled for training and models that are not.
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

    /// How many weights it has, state included.
    fn count_params(&self) -> usize {
        Self::FLOATS
    }

    /// Saves all weights to a `.safetensors` file; one that is there is replaced.
    ///
    /// # Errors
    /// If the file cannot be written; one that was there before is then still there.
    #[cfg(feature = "safetensors")]
    fn save_weights(&self, path: impl AsRef<std::path::Path>) -> crate::Result<()> {
        crate::weights::save(Self::GRAPH, self.as_slice(), path)
    }

    /// Loads all weights from a `.safetensors` file, by the names of layers.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or does not fit the model; then nothing has changed.
    #[cfg(feature = "safetensors")]
    fn load_weights(&mut self, path: impl AsRef<std::path::Path>) -> crate::Result<()> {
        crate::weights::load(Self::GRAPH, self.as_mut_slice(), path, crate::weights::Load::new()).map(drop)
    }
}

impl<M: Model> ModelExt for M {}
