//! docs/cuda.md says of each op whether devices have kernels for it, and has an example of a layer of one's own.

use std::fmt::Write;
use std::sync::Mutex;

use keras::device::OPS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cuda.md");

/// The page has this between a mark and the next end.
fn has(mark: &str, wanted: &str) {
    // One test after the other changes the page.
    static PAGES: Mutex<()> = Mutex::new(());
    let _one = PAGES.lock();
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mark = format!("<!-- {mark} -->\n");
    let (before, rest) = page.split_once(&mark).unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = format!("{before}{mark}{wanted}<!-- end -->{after}");
    if std::env::var("BOOK").as_deref() == Ok("overwrite") {
        std::fs::write(PAGE, wanted).unwrap();
    } else {
        assert!(page == wanted, "docs/cuda.md is out of date; BOOK=overwrite writes it anew");
    }
}

/// The example is the layer that the tests' models have.
#[test]
fn the_page_shows_a_layer() {
    has("layer", &format!("```rust,ignore\n{}```\n", include_str!("models/own/standardize.rs")));
    has("source", &format!("```cuda\n{}```\n", include_str!("models/own/standardize.cu")));
}

#[test]
fn the_page_lists_every_op() {
    let mut ops = OPS.to_vec();
    ops.sort_unstable();
    let mut table = String::from("| op | kernels |\n|---|---|\n");
    for (op, has) in ops {
        writeln!(table, "| {op} | {} |", if has { "yes" } else { "refused" }).unwrap();
    }
    has("ops", &table);
}
