//! What rustc shows of each kind of mistake, held in tests/ui. `TRYBUILD=overwrite cargo test --test ui` writes it anew.

use std::process::Command;

/// The compiler whose words the snapshots are.
const MADE_WITH: &str = "rustc 1.95.";

#[test]
fn mistakes() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version).into_owned();
    if !version.starts_with(MADE_WITH) {
        println!("skipped: the snapshots were made with {MADE_WITH}x, this is {version}");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
}
