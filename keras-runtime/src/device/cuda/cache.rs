//! Compiled kernels on the disk, by what they were compiled from.
//!
//! A file is a line that says what it is and the hash of the rest, a line with the number of kernels, a line for each with its
//! expression in C++, a tab and its name in the binary, and the binary. A file that is not so is compiled anew and written again;
//! one that cannot be written is done without.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use keras_kernels::cuda::SOURCES;
use sha2::{Digest, Sha256};

use super::compile::{Compiled, Text, compile, options};
use crate::Result;
use crate::utils::home;

/// How the first line of a file begins.
const MAGIC: &str = "keras-cuda-1 ";

/// The kernels of a text for an architecture, from the disk if they are there.
pub(super) fn compiled(text: &Text<'_>, arch: &str) -> Result<Compiled> {
    let file = home().map(|home| home.join("cuda").join(format!("{}.cubin", key(text, arch))));
    in_file(file.as_deref(), || compile(text, arch))
}

/// What a file holds, or what `make` makes, which is then written to it.
fn in_file(file: Option<&Path>, make: impl FnOnce() -> Result<Compiled>) -> Result<Compiled> {
    if let Some(compiled) = file.and_then(|file| read(&fs::read(file).ok()?)) {
        return Ok(compiled);
    }
    let compiled = make()?;
    if let Some(file) = file {
        // The next program compiles again if this fails.
        let _ = write(file, &compiled);
    }
    Ok(compiled)
}

/// The hash of all that the kernels depend on.
fn key(text: &Text<'_>, arch: &str) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    SOURCES.iter().for_each(|(name, text)| [name, text].into_iter().for_each(|text| add(text)));
    options(arch).iter().for_each(|option| add(option));
    add(&text.source);
    text.expressions.iter().for_each(|expression| add(expression));
    add(&version());
    hex(&hash.finalize())
}

/// The version of NVRTC.
fn version() -> String {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: it writes two numbers.
    let _ = unsafe { cudarc::nvrtc::sys::nvrtcVersion(&raw mut major, &raw mut minor) };
    format!("{major}.{minor}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(file: &[u8]) -> Option<Compiled> {
    let (hash, rest) = line(file)?;
    if hash.strip_prefix(MAGIC)? != hex(&Sha256::digest(rest)) {
        return None;
    }
    let (count, mut rest) = line(rest)?;
    let mut names = std::collections::BTreeMap::new();
    for _ in 0..count.parse().ok()? {
        let (name, after) = line(rest)?;
        let (expression, name) = name.split_once('\t')?;
        names.insert(expression.to_owned(), name.to_owned());
        rest = after;
    }
    Some(Compiled { names, cubin: rest.to_vec() })
}

/// The first line, and what comes behind it.
fn line(text: &[u8]) -> Option<(&str, &[u8])> {
    let end = text.iter().position(|&byte| byte == b'\n')?;
    Some((std::str::from_utf8(&text[..end]).ok()?, &text[end + 1..]))
}

fn write(file: &Path, compiled: &Compiled) -> std::io::Result<()> {
    let mut rest = format!("{}\n", compiled.names.len()).into_bytes();
    for (expression, name) in &compiled.names {
        rest.extend(format!("{expression}\t{name}\n").bytes());
    }
    rest.extend(&compiled.cubin);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // Beside it and then renamed: two processes may compile at once, and one may be killed.
    let beside: PathBuf = file.with_extension(format!("{}.part", std::process::id()));
    let mut to = fs::File::create(&beside)?;
    writeln!(to, "{MAGIC}{}", hex(&Sha256::digest(&rest)))?;
    to.write_all(&rest)?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Compiled {
        let names = [("add<true>", "_Z3addILb1E"), ("add<false>", "_Z3addILb0E")];
        let names = names.into_iter().map(|(e, n)| (e.to_owned(), n.to_owned())).collect();
        Compiled { names, cubin: vec![0x7f, b'E', b'L', b'F', b'\n', 0, 255] }
    }

    #[test]
    fn damaged_files_are_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/one.cubin");
        let made = std::cell::Cell::new(0);
        let get = || {
            let make = || {
                made.set(made.get() + 1);
                Ok(some())
            };
            in_file(Some(&file), make).unwrap()
        };
        assert_eq!((get(), get(), made.get()), (some(), some(), 1));
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let damaged: [&[u8]; 5] = [&whole[..whole.len() - 1], &flipped, b"", b"keras-cuda-1 \n", &whole[5..]];
        for (i, damaged) in damaged.into_iter().enumerate() {
            fs::write(&file, damaged).unwrap();
            assert_eq!((get(), made.get()), (some(), 2 + i), "damage {i}");
            assert_eq!(fs::read(&file).unwrap(), whole);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "not a folder").unwrap();
        assert_eq!(in_file(Some(&file.join("one.cubin")), || Ok(some())).unwrap(), some());
        assert_eq!(in_file(None, || Ok(some())).unwrap(), some());
    }
}
