use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// What else helps against a missing file.
const MEND: &str = if cfg!(feature = "download") {
    "load_data() fetches it into a folder of its own, or "
} else {
    "enable the feature `download` of keras to have load_data() fetch it, or "
};

/// Why a dataset could not be loaded. Every message names the file, what was expected, what was found and the mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A file is not in the folder, and was not to be fetched.
    #[error("{}: no such file, compressed or not; {MEND}put {url} into that folder", path.display())]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
        /// Where it is published.
        url: String,
    },

    /// A file is not in the folder; it is part of a published archive.
    #[error("{}: no such file, compressed or not; unpack {url} into that folder", path.display())]
    NotUnpacked {
        /// The file that was looked for.
        path: PathBuf,
        /// Where the archive is published.
        url: &'static str,
    },

    /// There is no folder to keep datasets in.
    #[error("no folder to keep datasets in: the user has no home directory; set the environment variable KERAS_HOME")]
    NoHome,

    /// The operating system refused to read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The file is compressed, and what it holds is damaged.
    #[error("{}: the gzip data are damaged ({source}); delete the file and get it again", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: io::Error,
    },

    /// The first four bytes are not those of an IDX file of this kind.
    #[error(
        "{}: expected the magic number {expected:#010x} ({}), found {found:#010x} ({})",
        path.display(), describe_magic(*expected), describe_magic(*found)
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// The number for the wanted type and number of dimensions.
        expected: u32,
        /// The file's first four bytes, read in big-endian order.
        found: u32,
    },

    /// The images are not of the wanted size.
    #[error("{}: expected {axis} of {expected} pixels, found {found}", path.display())]
    Dimension {
        /// The file.
        path: PathBuf,
        /// `a height` or `a width`.
        axis: &'static str,
        /// The size asked for.
        expected: usize,
        /// The size in the file's header.
        found: u32,
    },

    /// The file ends early.
    #[error(
        "{}: truncated: expected {expected} bytes of {part}, found {found}; delete the file and get it again",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// `header`, `images` or `labels`.
        part: &'static str,
        /// The number of bytes that the format or the header calls for.
        expected: u64,
        /// The number of bytes that were there.
        found: u64,
    },

    /// The file goes on after the last item that its header counts.
    #[error("{}: expected the file to end after {expected} bytes of {part}, found more", path.display())]
    Trailing {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        part: &'static str,
        /// The number of bytes that the header calls for.
        expected: u64,
    },

    /// The header's sizes multiply to more than this machine can address.
    #[error("{}: the header calls for {count} items of {item} bytes, which no memory here can hold", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The number of items in the header.
        count: u32,
        /// Bytes for each item.
        item: usize,
    },

    /// Images and labels do not go together.
    #[error(
        "{} has {images} images, but {} has {labels} labels; expected one label for each image",
        images_path.display(), labels_path.display()
    )]
    Count {
        /// The file of images.
        images_path: PathBuf,
        /// How many images it holds.
        images: usize,
        /// The file of labels.
        labels_path: PathBuf,
        /// How many labels it holds.
        labels: usize,
    },

    /// A label is not the number of a class.
    #[error(
        "{}label {label} of sample {index} is not a class: expected 0 to {}",
        prefix(path.as_deref()), classes.saturating_sub(1)
    )]
    Label {
        /// The file, where the label comes out of one.
        path: Option<PathBuf>,
        /// The sample's place, from 0.
        index: usize,
        /// What stands there.
        label: u8,
        /// The number of classes.
        classes: usize,
    },

    /// A split would leave one side without samples.
    #[error(
        "split({fraction}) of {samples} samples would leave one side empty; \
         expected a fraction between 0 and 1 that leaves samples on both"
    )]
    Fraction {
        /// The share asked for.
        fraction: f64,
        /// The number of samples to share.
        samples: usize,
    },

    /// A file could not be fetched. Nothing was left in its place.
    #[error("{url}: {source}; put the file into {} by hand if this machine has no network", folder.display())]
    Download {
        /// What was asked for.
        url: String,
        /// Where it was to go.
        folder: PathBuf,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },

    /// What was fetched is not the published file. Nothing was left in its place.
    #[error("{url}: expected {expected}, found {found}; the file was not kept")]
    Checksum {
        /// What was asked for.
        url: String,
        /// The published size in bytes, or SHA-256.
        expected: String,
        /// That of what came.
        found: String,
    },
}

/// The file's name before a message that may have none.
fn prefix(path: Option<&Path>) -> String {
    path.map(|path| format!("{}: ", path.display())).unwrap_or_default()
}

/// An IDX magic number in words: two zero bytes, the type of the items, the number of dimensions.
fn describe_magic(magic: u32) -> String {
    let [zero, also_zero, kind, dimensions] = magic.to_be_bytes();
    if [zero, also_zero] == [0x1f, 0x8b] {
        return "gzip data inside gzip data".into();
    }
    let kind = match kind {
        0x08 => "unsigned bytes",
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => return "not an IDX file".into(),
    };
    if zero != 0 || also_zero != 0 {
        return "not an IDX file".into();
    }
    format!("{kind}, {dimensions} dimension{}", if dimensions == 1 { "" } else { "s" })
}
