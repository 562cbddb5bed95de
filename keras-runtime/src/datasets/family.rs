//! What MNIST and the datasets published in its image share: four IDX files of 28 × 28 images in ten classes.

use super::cache::{self, Resource};
use super::{Dataset, DatasetError, Split, idx};
use std::path::{Path, PathBuf};

/// One image: 28 rows of 28 pixels, 0 (background) to 255.
pub type Image = [[u8; 28]; 28];

/// The number of classes, labelled 0 to 9.
pub const CLASSES: usize = 10;

/// One dataset of the family.
pub(super) struct Family {
    /// The name of its folder in the cache.
    pub(super) name: &'static str,
    pub(super) train: Files,
    pub(super) test: Files,
}

/// The two files of one split.
pub(super) struct Files {
    pub(super) images: Resource,
    pub(super) labels: Resource,
}

/// How the path of a file is had from its folder.
type Find = fn(&Resource, &Path) -> Result<PathBuf, DatasetError>;

impl Family {
    pub(super) fn load(&self) -> Result<Dataset<Image>, DatasetError> {
        self.read(&cache::folder(self.name)?, Resource::find_or_fetch)
    }

    pub(super) fn load_from(&self, folder: &Path) -> Result<Dataset<Image>, DatasetError> {
        self.read(folder, Resource::find)
    }

    /// All files are found before any is read, so that a missing one shows at once.
    fn read(&self, folder: &Path, find: Find) -> Result<Dataset<Image>, DatasetError> {
        let train = self.train.find(folder, find)?;
        let test = self.test.find(folder, find)?;
        Ok(Dataset { train: read(train)?, test: read(test)? })
    }
}

impl Files {
    fn find(&self, folder: &Path, find: Find) -> Result<[PathBuf; 2], DatasetError> {
        Ok([find(&self.images, folder)?, find(&self.labels, folder)?])
    }
}

fn read([images_path, labels_path]: [PathBuf; 2]) -> Result<Split<Image>, DatasetError> {
    let x = idx::images(&images_path)?;
    let y = idx::labels(&labels_path)?;
    if x.len() != y.len() {
        return Err(DatasetError::Count { images_path, images: x.len(), labels_path, labels: y.len() });
    }
    match y.iter().position(|&label| usize::from(label) >= CLASSES) {
        Some(index) => Err(DatasetError::Label { path: Some(labels_path), index, label: y[index], classes: CLASSES }),
        None => Ok(Split { x, y }),
    }
}

#[cfg(test)]
#[path = "family_tests.rs"]
mod tests;
