//! Logs as a table.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::{Callback, Logs, Training, python};
use crate::{Error, Result};

/// Writes the logs of each epoch as a line of a CSV file.
///
/// The columns are `epoch`, counted from 0, and the logs of the first epoch; where it had no validation, also those of
/// one. What an epoch does not have is `NA`.
///
/// ```
/// use keras_runtime::callback::CSVLogger;
/// let logger = CSVLogger::new("log.csv").separator(';').append(true);
/// ```
#[derive(Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: char,
    append: bool,
    header: bool,
    file: Option<File>,
    keys: Option<Vec<String>>,
}

impl CSVLogger {
    /// A file that is there is replaced.
    #[must_use]
    pub fn new(filename: impl Into<PathBuf>) -> CSVLogger {
        CSVLogger { path: filename.into(), separator: ',', append: false, header: true, file: None, keys: None }
    }

    /// What is between columns.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether lines are added to a file that is there.
    #[must_use]
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    fn write(&mut self, cells: impl Iterator<Item = String>) -> Result<()> {
        let quoted = |cell: String| match cell.contains([self.separator, '"', '\r', '\n']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell,
        };
        let line = cells.map(quoted).collect::<Vec<_>>().join(&self.separator.to_string()) + "\r\n";
        match &mut self.file {
            Some(file) => {
                file.write_all(line.as_bytes()).map_err(|source| Error::Io { path: self.path.clone(), source })
            }
            None => Ok(()),
        }
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
        let io = |source| Error::Io { path: self.path.clone(), source };
        let mut options = OpenOptions::new();
        options.create(true);
        let options = if self.append { options.append(true) } else { options.write(true).truncate(true) };
        let file = options.open(&self.path).map_err(io)?;
        self.header = !(self.append && file.metadata().map_err(io)?.len() > 0);
        self.file = Some(file);
        Ok(())
    }

    fn on_epoch_end(&mut self, _: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
        let first = self.keys.is_none();
        let keys = self.keys.take().unwrap_or_else(|| {
            let mut keys: Vec<String> = logs.keys().cloned().collect();
            if !keys.iter().any(|key| key.starts_with("val_")) {
                keys.extend(logs.keys().map(|key| format!("val_{key}")));
            }
            keys
        });
        if first && self.header {
            self.write(std::iter::once("epoch".into()).chain(keys.iter().cloned()))?;
        }
        let values = keys.iter().map(|key| logs.get(key).map_or("NA".into(), |&value| python(value)));
        self.write(std::iter::once(epoch.to_string()).chain(values))?;
        self.keys = Some(keys);
        Ok(())
    }

    fn on_train_end(&mut self, _: &mut Training<'_>, _: &Logs) -> Result<()> {
        (self.file, self.keys) = (None, None);
        Ok(())
    }

    fn wants_batch_logs(&self) -> bool {
        false
    }
}
