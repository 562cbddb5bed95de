//! Fashion-MNIST: 60,000 pictures of clothes to train on and 10,000 to test with, 28 × 28 pixels.
//!
//! H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms*,
//! [arXiv:1708.07747](https://arxiv.org/abs/1708.07747); © Zalando SE, MIT licence.
//!
//! ```no_run
//! use keras_runtime::datasets::fashion_mnist;
//!
//! let fashion = fashion_mnist::load_data()?;
//! let first = usize::from(fashion.train.y[0]);
//! println!("{}", fashion_mnist::CLASS_NAMES[first]);
//! # Ok::<(), keras_runtime::datasets::DatasetError>(())
//! ```
//!
//! Names of files are those of [`mnist`](super::mnist), in the folder where Keras itself keeps them, so what Keras has
//! downloaded is found. What is downloaded must have the published size and SHA-256.

use super::cache::Resource;
pub use super::family::{CLASSES, Image};
use super::family::{Family, Files};
use super::{Dataset, DatasetError};
use std::path::Path;

/// What the labels 0 to 9 stand for.
pub const CLASS_NAMES: [&str; CLASSES] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// Keras's own, then the authors'.
const MIRRORS: &[&str] = &[
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
];

/// Sizes and checksums are those that TensorFlow Datasets lists for the authors' files. Keras publishes none for its
/// mirror, whose files have the same names and sizes; should one differ, the authors' is taken.
const FASHION_MNIST: Family = Family {
    name: "fashion-mnist",
    train: Files {
        images: Resource {
            name: "train-images-idx3-ubyte.gz",
            mirrors: MIRRORS,
            size: 26_421_880,
            sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        },
        labels: Resource {
            name: "train-labels-idx1-ubyte.gz",
            mirrors: MIRRORS,
            size: 29_515,
            sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        },
    },
    test: Files {
        images: Resource {
            name: "t10k-images-idx3-ubyte.gz",
            mirrors: MIRRORS,
            size: 4_422_102,
            sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        },
        labels: Resource {
            name: "t10k-labels-idx1-ubyte.gz",
            mirrors: MIRRORS,
            size: 5_148,
            sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    },
};

/// Loads Fashion-MNIST from the cache, [`folder`](super::folder)`("fashion-mnist")`; with the feature `download`, what
/// is missing there is fetched first.
///
/// # Errors
///
/// [`DatasetError::Missing`] for a file that is not there, without that feature; otherwise what is wrong with which file.
pub fn load_data() -> Result<Dataset<Image>, DatasetError> {
    FASHION_MNIST.load()
}

/// Loads Fashion-MNIST from a folder with its four files; never downloads.
///
/// # Errors
///
/// As [`load_data`].
pub fn load_data_from(folder: impl AsRef<Path>) -> Result<Dataset<Image>, DatasetError> {
    FASHION_MNIST.load_from(folder.as_ref())
}
