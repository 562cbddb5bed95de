//! The IDX format of MNIST and the datasets made in its image (Fashion-MNIST, KMNIST, EMNIST, …).
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 2 | zero |
//! | 2 | 1 | type of the items; 8 is unsigned bytes, the only one read here |
//! | 3 | 1 | number of dimensions: 3 for images, 1 for labels |
//! | 4 | 4 each | sizes, big-endian: count, then height and width for images |
//! | | count × height × width | the items, the last dimension varying fastest |
//!
//! A file may be compressed with gzip; its first bytes tell, not its name. The header is checked before anything is
//! allocated, and memory is taken only for bytes that have arrived, so a header that lies costs nothing.

use super::DatasetError;
use super::source::{Source, open};
use std::io::BufRead;
use std::path::Path;

const IMAGES: u32 = 0x0000_0803;
const LABELS: u32 = 0x0000_0801;

/// Reads a file of `H` × `W` images, gzip or plain.
///
/// # Errors
///
/// [`DatasetError`] with the path, what was expected and what was found, for any file that is not exactly such a file.
///
/// ```no_run
/// use keras_runtime::datasets::idx;
///
/// let images = idx::images::<28, 28>("emnist-letters-train-images-idx3-ubyte.gz")?;
/// let labels = idx::labels("emnist-letters-train-labels-idx1-ubyte.gz")?;
/// assert_eq!(images.len(), labels.len());
/// # Ok::<(), keras_runtime::datasets::DatasetError>(())
/// ```
pub fn images<const H: usize, const W: usize>(path: impl AsRef<Path>) -> Result<Vec<[[u8; W]; H]>, DatasetError> {
    let path = path.as_ref();
    images_from(open(path)?, path)
}

/// Reads a file of labels, gzip or plain.
///
/// # Errors
///
/// As [`images`].
pub fn labels(path: impl AsRef<Path>) -> Result<Vec<u8>, DatasetError> {
    let path = path.as_ref();
    labels_from(open(path)?, path)
}

/// [`images`] out of any reader, such as `&[u8]`; `name` stands for the path in errors.
///
/// # Errors
///
/// As [`images`].
pub fn images_from<const H: usize, const W: usize>(
    reader: impl BufRead,
    name: impl AsRef<Path>,
) -> Result<Vec<[[u8; W]; H]>, DatasetError> {
    const { assert!(H > 0 && W > 0, "images of no pixels") };
    let name = name.as_ref();
    let mut source = Source::new(reader, name)?;
    let [count, height, width] = source.header(IMAGES)?;
    for (axis, expected, found) in [("a height", H, height), ("a width", W, width)] {
        if u32::try_from(expected) != Ok(found) {
            return Err(DatasetError::Dimension { path: name.into(), axis, expected, found });
        }
    }
    let pixels = source.body(count, H * W, "images")?;
    let (rows, _) = pixels.as_chunks::<W>();
    let (images, _) = rows.as_chunks::<H>();
    Ok(images.to_vec())
}

/// [`labels`] out of any reader, such as `&[u8]`; `name` stands for the path in errors.
///
/// # Errors
///
/// As [`images`].
pub fn labels_from(reader: impl BufRead, name: impl AsRef<Path>) -> Result<Vec<u8>, DatasetError> {
    let mut source = Source::new(reader, name.as_ref())?;
    let [count] = source.header(LABELS)?;
    source.body(count, 1, "labels")
}

impl Source<'_> {
    /// The sizes of the dimensions, after a magic number that must be `magic`.
    fn header<const DIMENSIONS: usize>(&mut self, magic: u32) -> Result<[u32; DIMENSIONS], DatasetError> {
        let bytes = self.read(4 + 4 * DIMENSIONS as u64)?;
        let (words, _) = bytes.as_chunks::<4>();
        let mut words = words.iter().map(|&word| u32::from_be_bytes(word));
        let truncated = || DatasetError::Truncated {
            path: self.path.into(),
            part: "header",
            expected: 4 + 4 * DIMENSIONS as u64,
            found: bytes.len() as u64,
        };
        let found = words.next().ok_or_else(truncated)?;
        if found != magic {
            return Err(DatasetError::Magic { path: self.path.into(), expected: magic, found });
        }
        let mut sizes = [0; DIMENSIONS];
        for size in &mut sizes {
            *size = words.next().ok_or_else(truncated)?;
        }
        Ok(sizes)
    }

    /// `count` items of `item` bytes, after which the file must end.
    fn body(mut self, count: u32, item: usize, part: &'static str) -> Result<Vec<u8>, DatasetError> {
        let path = self.path;
        let expected = (count as usize)
            .checked_mul(item)
            .filter(|&bytes| isize::try_from(bytes).is_ok_and(|bytes| bytes < isize::MAX))
            .ok_or_else(|| DatasetError::TooLarge { path: path.into(), count, item })? as u64;
        // One byte more than wanted shows a file that is too long, and makes the decoder compare its checksum.
        let mut bytes = self.read(expected + 1)?;
        let found = bytes.len() as u64;
        if found < expected {
            return Err(DatasetError::Truncated { path: path.into(), part, expected, found });
        }
        if found > expected {
            return Err(DatasetError::Trailing { path: path.into(), part, expected });
        }
        bytes.shrink_to_fit();
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "idx_tests.rs"]
mod tests;
