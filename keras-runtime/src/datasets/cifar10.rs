//! CIFAR-10: 50,000 photographs of ten kinds of things to train on and 10,000 to test with, 32 × 32 pixels in colour.
//!
//! A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009.
//!
//! ```no_run
//! use keras_runtime::datasets::cifar10;
//!
//! let photos = cifar10::load_data()?.scaled();
//! let (x_train, y_train): (&[[[[f32; 3]; 32]; 32]], &[u8]) = (&photos.train.x, &photos.train.y);
//! assert_eq!(cifar10::NAMES[usize::from(photos.train.y[0])], "frog");
//! # Ok::<(), keras_runtime::datasets::DatasetError>(())
//! ```
//!
//! The files are those of the published archive `cifar-10-binary.tar.gz`, compressed each (`.gz`) or not:
//! `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`. An archive cannot be read in its place, so nothing is
//! downloaded here: unpack it into the folder. Fewer training files than five are read as a smaller dataset.
//!
//! | bytes of a record | |
//! |---|---|
//! | 1 | the class, 0 to 9 |
//! | 1024 each | red, green and blue of each pixel, line by line |

use super::cache;
use super::source::{Source, open};
use super::{Dataset, DatasetError, Split};
use std::path::Path;

/// The classes, in the order of their labels.
pub const NAMES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// One photograph: 32 rows of 32 pixels of red, green and blue, 0 to 255.
pub type Image = [[[u8; 3]; 32]; 32];

const PIXELS: usize = 32 * 32;
/// Bytes of a record.
const RECORD: usize = 1 + 3 * PIXELS;
/// As many records as a file may have; those of the archive have 10,000.
const MOST: u64 = 1_000_000;

const TRAIN: [&str; 5] =
    ["data_batch_1.bin.gz", "data_batch_2.bin.gz", "data_batch_3.bin.gz", "data_batch_4.bin.gz", "data_batch_5.bin.gz"];

const TEST: &str = "test_batch.bin.gz";
const ARCHIVE: &str = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";

/// Loads CIFAR-10 from the cache, [`folder`](super::folder)`("cifar10")`.
///
/// # Errors
///
/// [`DatasetError::NotUnpacked`] if there is no test file or no training file; otherwise what is wrong with which file.
pub fn load_data() -> Result<Dataset<Image>, DatasetError> {
    load_data_from(cache::folder("cifar10")?)
}

/// Loads CIFAR-10 from a folder with its files.
///
/// # Errors
///
/// As [`load_data`].
pub fn load_data_from(folder: impl AsRef<Path>) -> Result<Dataset<Image>, DatasetError> {
    let folder = folder.as_ref();
    let mut paths = Vec::new();
    for name in TRAIN {
        paths.extend(cache::present(folder, name)?);
    }
    let missing = |name| DatasetError::NotUnpacked { path: folder.join(name), url: ARCHIVE };
    let test = cache::present(folder, TEST)?.ok_or_else(|| missing(TEST))?;
    if paths.is_empty() {
        return Err(missing(TRAIN[0]));
    }
    let mut train = Split { x: Vec::new(), y: Vec::new() };
    for path in paths {
        read(&path, &mut train)?;
    }
    let mut tested = Split { x: Vec::new(), y: Vec::new() };
    read(&test, &mut tested)?;
    Ok(Dataset { train, test: tested })
}

/// Puts the samples of a file behind those that there are.
fn read(path: &Path, split: &mut Split<Image>) -> Result<(), DatasetError> {
    let bytes = Source::new(open(path)?, path)?.read(MOST * RECORD as u64)?;
    let (records, rest) = bytes.as_chunks::<RECORD>();
    if !rest.is_empty() || records.is_empty() {
        let expected = ((records.len() + 1) * RECORD) as u64;
        return Err(DatasetError::Truncated { path: path.into(), part: "images", expected, found: bytes.len() as u64 });
    }
    for (index, record) in records.iter().enumerate() {
        let [label, pixels @ ..] = record;
        if usize::from(*label) >= NAMES.len() {
            return Err(DatasetError::Label { path: Some(path.into()), index, label: *label, classes: NAMES.len() });
        }
        let mut image = [[[0; 3]; 32]; 32];
        for (i, pixel) in image.as_flattened_mut().iter_mut().enumerate() {
            *pixel = [pixels[i], pixels[PIXELS + i], pixels[2 * PIXELS + i]];
        }
        split.x.push(image);
        split.y.push(*label);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record whose pixels are red 1, green 2 and blue 3, but for the first, whose red is 9.
    fn record(label: u8) -> Vec<u8> {
        let mut bytes = vec![label];
        for channel in 1..=3 {
            bytes.extend([channel; PIXELS]);
        }
        bytes[1] = 9;
        bytes
    }

    fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn files_follow_each_other_and_channels_come_last() {
        let second = [record(3), record(4)].concat();
        let files = [("data_batch_1.bin", record(7)), ("data_batch_2.bin", second), ("test_batch.bin", record(0))];
        let data = load_data_from(folder(&files).path()).unwrap();
        assert_eq!((&data.train.y[..], &data.test.y[..]), (&[7, 3, 4][..], &[0][..]));
        assert_eq!(data.train.x[2][0][..2], [[9, 2, 3], [1, 2, 3]]);
        assert_eq!(data.scaled().test.x[0][0][0], [9.0 / 255.0, 2.0 / 255.0, 3.0 / 255.0]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let told = |files: &[(&str, Vec<u8>)]| load_data_from(folder(files).path()).unwrap_err().to_string();
        let missing = told(&[("data_batch_1.bin", record(7))]);
        assert!(missing.contains("test_batch.bin") && missing.contains(ARCHIVE), "{missing}");
        assert!(told(&[("test_batch.bin", record(7))]).contains("data_batch_1.bin"));
        let short = record(1)[..3000].to_vec();
        let short = told(&[("data_batch_1.bin", short), ("test_batch.bin", record(7))]);
        assert!(short.contains("expected 3073 bytes of images, found 3000"), "{short}");
        let label = told(&[("data_batch_1.bin", record(10)), ("test_batch.bin", record(7))]);
        assert!(label.contains("label 10 of sample 0 is not a class"), "{label}");
    }
}
