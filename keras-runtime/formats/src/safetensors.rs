//! Safetensors files: a header of JSON that names tensors, and their bytes.

use std::io::Write;
use std::path::Path;

use safetensors::SafeTensorError;
pub use safetensors::tensor::TensorView;
pub use safetensors::{Dtype, SafeTensors, View};

use crate::{Error, Result};

/// Writes tensors to a new file beside `path` and moves it there: whatever happens, the old file or the new one is there,
/// whole.
///
/// # Errors
/// If the file cannot be written.
pub fn replace<V: View>(path: &Path, tensors: Vec<(String, V)>) -> Result<()> {
    let io = |source: std::io::Error| Error::Io { path: path.to_owned(), source };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".keras-").suffix(".safetensors");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Those of any other file that is made anew; the system takes away what the user's mask says.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let bytes = safetensors::serialize(tensors, None).map_err(|error| match error {
        SafeTensorError::IoError(source) => io(source),
        other => Error::Format { path: path.to_owned(), reason: other.to_string() },
    })?;
    let mut file = builder.tempfile_in(folder).map_err(io)?;
    file.write_all(&bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// The bytes of a file.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// The tensors in the bytes of a file.
///
/// # Errors
/// If they are cut short, damaged, or of another format; `path` is for the message.
pub fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>> {
    SafeTensors::deserialize(bytes).map_err(|error| {
        let len = bytes.len();
        let reason = match (announced(bytes), error) {
            (Some(header), _) if header > len as u64 => {
                format!("the file is truncated: its header ends at byte {header}, the file at byte {len}")
            }
            (_, SafeTensorError::MetadataIncompleteBuffer) => {
                format!("the file is truncated or damaged: its tensors do not end where it ends, at byte {len}")
            }
            (Some(_), error) => format!("the file is damaged: {error}"),
            (None, _) => format!("not a safetensors file: {len} bytes that do not begin with a header of that format"),
        };
        Error::Format { path: path.to_owned(), reason }
    })
}

/// Where the header ends, if the bytes begin with one: its length in 8 bytes, at most 100 MB, and a brace.
fn announced(bytes: &[u8]) -> Option<u64> {
    let header = u64::from_le_bytes(*bytes.first_chunk()?);
    (header <= 100_000_000 && matches!(bytes.get(8), None | Some(b'{'))).then_some(8 + header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        let data = [1.0f32.to_le_bytes(), 2.0f32.to_le_bytes()].concat();
        let view = TensorView::new(Dtype::F32, vec![2], &data).unwrap();
        safetensors::serialize([("a", view)], None).unwrap()
    }

    #[test]
    fn every_cut_is_an_error() {
        let whole = bytes();
        assert_eq!(parse(Path::new("f"), &whole).unwrap().names(), ["a"]);
        for len in 0..whole.len() {
            let error = parse(Path::new("f"), &whole[..len]).unwrap_err().to_string();
            assert!(error.starts_with("f: "), "{error}");
        }
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let data = [0u8; 4];
        let view = || TensorView::new(Dtype::F32, vec![1], &data).unwrap();
        let missing = folder.path().join("no/such/folder.safetensors");
        assert!(matches!(replace(&missing, vec![("a".into(), view())]), Err(Error::Io { .. })));
        let path = folder.path().join("there.safetensors");
        replace(&path, vec![("a".into(), view())]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let plain = folder.path().join("plain");
            std::fs::write(&plain, "").unwrap();
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain));
        }
        assert!(parse(&path, &read(&path).unwrap()).is_ok());
    }
}
