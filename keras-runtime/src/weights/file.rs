//! Files as a whole.

use std::path::Path;

use safetensors::{SafeTensorError, SafeTensors, View};

use crate::Result;
use crate::error::Error;

/// Writes tensors to a new file beside `path` and moves it there.
pub(super) fn replace<V: View>(path: &Path, tensors: Vec<(String, V)>) -> Result<()> {
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
    let file = builder.tempfile_in(folder).map_err(io)?;
    safetensors::serialize_to_file(tensors, None, file.path()).map_err(|error| match error {
        SafeTensorError::IoError(source) => io(source),
        other => Error::File { path: path.to_owned(), reason: other.to_string() },
    })?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// The tensors in the bytes of a file.
pub(super) fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>> {
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
        Error::File { path: path.to_owned(), reason }
    })
}

/// Where the header ends, if the bytes begin with one: its length in 8 bytes, at most 100 MB, and a brace.
fn announced(bytes: &[u8]) -> Option<u64> {
    let header = u64::from_le_bytes(*bytes.first_chunk()?);
    (header <= 100_000_000 && matches!(bytes.get(8), None | Some(b'{'))).then_some(8 + header)
}
