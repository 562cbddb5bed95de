//! Where datasets are kept, and how a file of one is found there.

use super::DatasetError;
use crate::utils;
use std::path::{Path, PathBuf};

/// The folder of one dataset: `datasets/<name>` in the folder that the environment variable `KERAS_HOME` names, else in
/// `~/.keras`. Nothing is created.
///
/// # Errors
///
/// [`DatasetError::NoHome`] if the variable is not set and the user has no home directory.
pub fn folder(name: &str) -> Result<PathBuf, DatasetError> {
    let home = utils::home().ok_or(DatasetError::NoHome)?;
    Ok(home.join("datasets").join(name))
}

/// The path of a file in `folder`, under its name, which ends in `.gz`, or without that ending; none if it is not there.
pub(super) fn present(folder: &Path, name: &str) -> Result<Option<PathBuf>, DatasetError> {
    let path = folder.join(name);
    let plain = path.with_extension("");
    for candidate in [path, plain] {
        match candidate.try_exists() {
            Ok(true) => return Ok(Some(candidate)),
            Ok(false) => {}
            Err(source) => return Err(DatasetError::Io { path: candidate, source }),
        }
    }
    Ok(None)
}

/// One file of a dataset as its publisher offers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource {
    /// The file's name, which ends in `.gz`.
    pub(super) name: &'static str,
    /// URLs that `name` is appended to, the first of them the first to be asked.
    pub(super) mirrors: &'static [&'static str],
    /// Size in bytes, compressed.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) size: u64,
    /// SHA-256 of the compressed file, in hexadecimal.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) sha256: &'static str,
}

impl Resource {
    fn urls(&self) -> impl Iterator<Item = String> {
        self.mirrors.iter().map(|mirror| format!("{mirror}{}", self.name))
    }

    /// The file's path in `folder`, under the published name or without the `.gz`.
    pub(super) fn find(&self, folder: &Path) -> Result<PathBuf, DatasetError> {
        let missing =
            || DatasetError::Missing { path: folder.join(self.name), url: self.urls().next().unwrap_or_default() };
        present(folder, self.name)?.ok_or_else(missing)
    }

    /// [`Resource::find`]; what is missing is fetched, where the feature `download` allows it.
    pub(super) fn find_or_fetch(&self, folder: &Path) -> Result<PathBuf, DatasetError> {
        match self.find(folder) {
            #[cfg(feature = "download")]
            Err(DatasetError::Missing { path, .. }) => {
                super::download::fetch(self.urls(), &path, self.size, self.sha256)?;
                Ok(path)
            }
            found => found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_published_name_first_then_the_plain_one() {
        let folder = tempfile::tempdir().unwrap();
        let resource =
            Resource { name: "labels-idx1-ubyte.gz", mirrors: &["https://example.org/"], size: 1, sha256: "" };
        let missing = resource.find(folder.path()).unwrap_err().to_string();
        for word in ["labels-idx1-ubyte.gz", "https://example.org/labels-idx1-ubyte.gz", "no such file"] {
            assert!(missing.contains(word), "{word} in {missing}");
        }
        let plain = folder.path().join("labels-idx1-ubyte");
        std::fs::write(&plain, []).unwrap();
        assert_eq!(resource.find(folder.path()).unwrap(), plain);
        let compressed = folder.path().join("labels-idx1-ubyte.gz");
        std::fs::write(&compressed, []).unwrap();
        assert_eq!(resource.find(folder.path()).unwrap(), compressed);
    }
}
