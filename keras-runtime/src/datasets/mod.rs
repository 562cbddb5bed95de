//! Small datasets to learn and to test with, as in `keras.datasets`.
//!
//! | dataset | samples | where from |
//! |---|---|---|
//! | [`digits`] | 1,437 + 360 digits, 8 × 8 | in the program itself |
//! | [`mnist`] | 60,000 + 10,000 digits, 28 × 28 | files |
//! | [`fashion_mnist`] | 60,000 + 10,000 pictures of clothes, 28 × 28 | files |
//! | [`cifar10`] | 50,000 + 10,000 photographs in ten classes, 32 × 32 × 3 | files, never downloaded |
//!
//! Files are looked for in [`folder`]: `datasets/<name>` in the folder that the environment variable `KERAS_HOME` names,
//! else in `~/.keras`. With the feature `download` those that are missing are fetched, checked against the published
//! size and SHA-256, and only then put in their place; without it, the error says what to fetch and from where.
//!
//! Images come as Keras gives them, bytes in nested arrays; [`Dataset::scaled`] divides them by 255,
//! [`Dataset::flattened`] lays their rows one after the other, [`Dataset::reshaped`] gives them any other shape, and
//! [`Dataset::categorical`] makes vectors of labels.
//! [`idx`] reads other files in the format of MNIST.
//!
//! ```
//! use keras_runtime::datasets::{Dataset, digits};
//!
//! let Dataset { train, test } = digits().split(0.2)?.categorical::<10>()?;
//! let (x_train, y_train): (&[[f32; 64]], &[[f32; 10]]) = (&train.x, &train.y);
//! assert_eq!((x_train.len(), y_train.len(), test.len()), (1437, 1437, 360));
//! # Ok::<(), keras_runtime::datasets::DatasetError>(())
//! ```

mod cache;
pub mod cifar10;
mod digits;
#[cfg(feature = "download")]
mod download;
mod error;
mod family;
pub mod fashion_mnist;
pub mod idx;
pub mod mnist;
mod source;
mod split;

pub use cache::folder;
pub use digits::digits;
pub use error::DatasetError;
pub use split::{Dataset, Split};
