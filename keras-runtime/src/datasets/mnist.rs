//! MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28 × 28 pixels.
//!
//! Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*; CC BY-SA 3.0.
//!
//! ```no_run
//! use keras_runtime::datasets::mnist;
//!
//! let mnist = mnist::load_data()?.scaled().flattened::<784>();
//! let (x_train, y_train): (&[[f32; 784]], &[u8]) = (&mnist.train.x, &mnist.train.y);
//! assert_eq!((x_train.len(), y_train.len()), (60_000, 60_000));
//! # Ok::<(), keras_runtime::datasets::DatasetError>(())
//! ```
//!
//! The four files keep their published names, with `.gz` or without: `train-images-idx3-ubyte.gz`,
//! `train-labels-idx1-ubyte.gz`, `t10k-images-idx3-ubyte.gz` and `t10k-labels-idx1-ubyte.gz`. What is downloaded must
//! have the published size and SHA-256; files that are already there are read whatever their checksum, since a copy
//! that was compressed again is as good.

use super::cache::Resource;
pub use super::family::{CLASSES, Image};
use super::family::{Family, Files};
use super::{Dataset, DatasetError};
use std::path::Path;

const MIRRORS: &[&str] =
    &["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"];

/// Sizes and checksums are those that TensorFlow Datasets lists for the first mirror.
const MNIST: Family = Family {
    name: "mnist",
    train: Files {
        images: Resource {
            name: "train-images-idx3-ubyte.gz",
            mirrors: MIRRORS,
            size: 9_912_422,
            sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        },
        labels: Resource {
            name: "train-labels-idx1-ubyte.gz",
            mirrors: MIRRORS,
            size: 28_881,
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        },
    },
    test: Files {
        images: Resource {
            name: "t10k-images-idx3-ubyte.gz",
            mirrors: MIRRORS,
            size: 1_648_877,
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        },
        labels: Resource {
            name: "t10k-labels-idx1-ubyte.gz",
            mirrors: MIRRORS,
            size: 4_542,
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    },
};

/// Loads MNIST from the cache, [`folder`](super::folder)`("mnist")`; with the feature `download`, what is missing there
/// is fetched first.
///
/// # Errors
///
/// [`DatasetError::Missing`] for a file that is not there, without that feature; otherwise what is wrong with which file.
pub fn load_data() -> Result<Dataset<Image>, DatasetError> {
    MNIST.load()
}

/// Loads MNIST from a folder with its four files; never downloads.
///
/// # Errors
///
/// As [`load_data`].
pub fn load_data_from(folder: impl AsRef<Path>) -> Result<Dataset<Image>, DatasetError> {
    MNIST.load_from(folder.as_ref())
}
