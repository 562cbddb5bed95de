//! One function for each layer whose output shape has to be worked out from its input.
//!
//! Each answers a poisoned input with poison, and a mistake with a message in Keras's voice that names the layer, what
//! was expected, what was found and how to mend it.

mod attention;
mod called;
mod merged;
mod moved;
mod steps;
mod weighted;
mod windowed;

pub use attention::*;
pub use called::*;
pub use merged::*;
pub use moved::*;
pub use steps::*;
pub use weighted::*;
pub use windowed::*;

/// Behind a number of dimensions that is too large.
const DIMENSIONS: &str = " dimensions; a sample can have 6 at the most";
