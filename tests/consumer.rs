//! Models in crates of their own: another name for keras, other editions, lints that forgive nothing, names that generated
//! code uses too. A small workspace is written to the target folder and built offline.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const EDITIONS: [&str; 3] = ["2018", "2021", "2024"];

fn cargo(workspace: &Path, args: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumer"))
        .output()
        .map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(()) } else { Err(text(&output.stdout) + &text(&output.stderr)) }
}

fn workspace(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let sources = root.join("tests/consumer");
    let keras = format!("kk = {{ package = \"keras\", path = {root:?}");
    let library = workspace.join("library");
    fs::create_dir_all(library.join("src")).unwrap();
    fs::copy(sources.join("library/lib.rs"), library.join("src/lib.rs")).unwrap();
    let manifest = format!(
        "[package]\nname = \"library\"\nversion = \"0.0.0\"\nedition = \"2018\"\n\n[dependencies]\n{keras}, \
         default-features = false }}\n"
    );
    fs::write(library.join("Cargo.toml"), manifest).unwrap();
    for edition in EDITIONS {
        let package = workspace.join(format!("e{edition}"));
        fs::create_dir_all(package.join("src")).unwrap();
        fs::create_dir_all(package.join("tests")).unwrap();
        for entry in fs::read_dir(&sources).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                continue;
            }
            let folder = if entry.file_name() == "tests.rs" { "tests" } else { "src" };
            fs::copy(entry.path(), package.join(folder).join(entry.file_name())).unwrap();
        }
        let manifest = format!(
            "[package]\nname = \"consumer{edition}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n[lib]\nname = \
             \"consumer\"\n\n[dependencies]\n{keras} }}\nlibrary = {{ path = \"../library\" }}\n"
        );
        fs::write(package.join("Cargo.toml"), manifest).unwrap();
    }
    let members = EDITIONS.map(|edition| format!("\"e{edition}\"")).join(", ");
    fs::write(
        workspace.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = [\"library\", {members}]\n"),
    )
    .unwrap();
    fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    workspace
}

#[test]
fn models_run() {
    if let Err(text) = cargo(&workspace("consumer-run"), &["test", "--offline", "--quiet"]) {
        panic!("{text}");
    }
}

#[test]
fn lints_find_nothing() {
    let workspace = workspace("consumer-lint");
    if cargo(&workspace, &["clippy", "--version"]).is_err() {
        println!("skipped: this toolchain has no clippy");
        return;
    }
    if let Err(text) = cargo(&workspace, &["clippy", "--offline", "--quiet"]) {
        panic!("{text}");
    }
}

#[test]
fn documentation_has_no_broken_links() {
    let workspace = workspace("consumer-doc");
    let flags = "build.rustdocflags=[\"-Dwarnings\"]";
    if let Err(text) =
        cargo(&workspace, &["doc", "--offline", "--quiet", "--no-deps", "--package", "consumer2024", "--config", flags])
    {
        panic!("{text}");
    }
}
