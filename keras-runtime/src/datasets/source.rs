//! Files of bytes, compressed or not.

use super::DatasetError;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

pub(super) fn open(path: &Path) -> Result<BufReader<File>, DatasetError> {
    File::open(path).map(BufReader::new).map_err(|source| DatasetError::Io { path: path.into(), source })
}

/// The decompressed bytes of a file, and its name for errors.
pub(super) struct Source<'a> {
    bytes: Box<dyn Read + 'a>,
    gzip: bool,
    pub(super) path: &'a Path,
}

impl<'a> Source<'a> {
    /// The first byte tells whether the file is compressed: no format that is read here begins with that of gzip.
    pub(super) fn new(mut reader: impl BufRead + 'a, path: &'a Path) -> Result<Self, DatasetError> {
        let start = reader.fill_buf().map_err(|source| DatasetError::Io { path: path.into(), source })?;
        let gzip = start.first() == Some(&0x1f);
        let bytes: Box<dyn Read + 'a> = if gzip { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
        Ok(Source { bytes, gzip, path })
    }

    /// Up to `limit` bytes; fewer only where the data end.
    pub(super) fn read(&mut self, limit: u64) -> Result<Vec<u8>, DatasetError> {
        let mut bytes = Vec::new();
        let end = (&mut self.bytes).take(limit).read_to_end(&mut bytes);
        match end {
            Ok(_) => Ok(bytes),
            Err(source) if self.gzip && is_damage(&source) => {
                Err(DatasetError::Gzip { path: self.path.into(), source })
            }
            Err(source) => Err(DatasetError::Io { path: self.path.into(), source }),
        }
    }
}

/// Whether the decoder, rather than the file system, raised the error.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}
