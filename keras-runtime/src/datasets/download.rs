//! Fetching a file whole or not at all: it is written beside its place, checked, and only then renamed into it.

use super::DatasetError;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

/// How long to wait for a connection, and for a server that has it to begin its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fetches into `path` the file of `size` bytes and checksum `sha256` from the first of `urls` that has it, creating the
/// folder. Where none has it, the error is the first one's.
///
/// Two processes that fetch the same file do not disturb each other: each writes a file of its own, and the last rename
/// puts the same bytes in the place of the first.
pub(super) fn fetch(
    urls: impl Iterator<Item = String>,
    path: &Path,
    size: u64,
    sha256: &str,
) -> Result<(), DatasetError> {
    let mut first = None;
    for url in urls {
        match fetch_one(&url, path, size, sha256) {
            Err(error @ (DatasetError::Download { .. } | DatasetError::Checksum { .. })) => {
                first.get_or_insert(error);
            }
            done => return done,
        }
    }
    first.map_or(Ok(()), Err)
}

fn fetch_one(url: &str, path: &Path, size: u64, sha256: &str) -> Result<(), DatasetError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let io = |source| DatasetError::Io { path: path.into(), source };
    let download = |source| DatasetError::Download { url: url.into(), folder: folder.into(), source };

    std::fs::create_dir_all(folder).map_err(|source| DatasetError::Io { path: folder.into(), source })?;
    let mut file = NamedTempFile::new_in(folder).map_err(io)?;

    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .build()
        .into();
    let body = agent.get(url).call().map_err(|source| download(source.into()))?.into_body();
    // A byte more than expected is enough to know that the file is another one.
    let mut reader = body.into_reader().take(size + 1);

    let bar = progress(url, size);
    let mut hasher = Sha256::new();
    let mut found = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(download(error.into())),
        };
        file.write_all(&buffer[..n]).map_err(io)?;
        hasher.update(&buffer[..n]);
        found += n as u64;
        bar.set_position(found);
    }
    bar.finish_and_clear();

    let mismatch = |expected, found| DatasetError::Checksum { url: url.into(), expected, found };
    if found != size {
        let found = if found > size { "more".into() } else { format!("{found} bytes") };
        return Err(mismatch(format!("{size} bytes"), found));
    }
    let found = hexadecimal(&hasher.finalize());
    if found != sha256 {
        return Err(mismatch(format!("SHA-256 {sha256}"), found));
    }
    file.as_file().sync_all().map_err(io)?;
    make_readable(&file).map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// A bar on the standard error stream; invisible if that is not a terminal.
fn progress(url: &str, size: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Downloading data from {msg}\n{bar:30} {bytes}/{total_bytes} {eta}");
    let bar = ProgressBar::new(size).with_message(url.to_owned());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Temporary files are their owner's alone; a cache may be shared.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::path::PathBuf;
    use std::thread;

    /// SHA-256 of `abc`, from FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// Answers one request with `response` and hangs up.
    fn serve(response: &'static str) -> (String, thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file.gz", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while request.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            stream.write_all(response.as_bytes()).unwrap();
        });
        (url, server)
    }

    struct Try {
        result: Result<(), String>,
        /// The folder's files and what they hold.
        files: Vec<(PathBuf, Vec<u8>)>,
    }

    fn fetch_from(response: &'static str, size: u64, sha256: &str) -> Try {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("datasets").join("abc");
        let (url, server) = serve(response);
        let result = fetch_one(&url, &inner.join("file.gz"), size, sha256).map_err(|error| error.to_string());
        server.join().unwrap();
        let files = std::fs::read_dir(&inner).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            (path.strip_prefix(&inner).unwrap().to_owned(), bytes)
        });
        Try { result, files: files.collect() }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";

    #[test]
    fn the_right_file_arrives() {
        let Try { result, files } = fetch_from(OK, 3, ABC);
        result.unwrap();
        assert_eq!(files, [("file.gz".into(), b"abc".to_vec())]);
    }

    #[test]
    fn nothing_is_left_of_a_wrong_file() {
        let other = ABC.replace("ba78", "ba79");
        for (response, size, sha256, words) in [
            (OK, 3, other.as_str(), ["expected SHA-256 ba79", "found ba7816bf"]),
            (OK, 4, ABC, ["expected 4 bytes", "found 3 bytes"]),
            (OK, 2, ABC, ["expected 2 bytes", "found more"]),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 3, ABC, ["404", "by hand"]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nab", 3, ABC, ["file.gz", "by hand"]),
            ("", 3, ABC, ["file.gz", "by hand"]),
        ] {
            let Try { result, files } = fetch_from(response, size, sha256);
            let error = result.unwrap_err();
            for word in words {
                assert!(error.contains(word), "{word} in {error}");
            }
            assert!(files.is_empty(), "{files:?} after {error}");
        }
    }

    #[test]
    fn the_next_mirror_is_asked_and_the_first_one_blamed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.gz");
        let gone = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let other = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxyz";

        let servers = [serve(gone), serve(other), serve(OK)];
        fetch(servers.iter().map(|(url, _)| url.clone()), &path, 3, ABC).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");

        let servers = [serve(gone), serve(other)];
        let error = fetch(servers.iter().map(|(url, _)| url.clone()), &path, 3, ABC).unwrap_err().to_string();
        assert!(error.contains(&servers[0].0) && error.contains("410"), "{error}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("in-the-way");
        std::fs::write(&file, []).unwrap();
        let error = fetch_one("http://127.0.0.1:1/", &file.join("x").join("y.gz"), 1, ABC).unwrap_err();
        assert!(matches!(&error, DatasetError::Io { path, .. } if *path == file.join("x")), "{error}");
    }
}
