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
}

impl<M: Model> ModelExt for M {}
