//! docs/cuda.md says of each op whether devices have kernels for it.

use std::fmt::Write;

use keras::device::OPS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cuda.md");

#[test]
fn the_page_lists_every_op() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once("<!-- ops -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let mut ops = OPS.to_vec();
    ops.sort_unstable();
    let mut table = String::from("| op | kernels |\n|---|---|\n");
    for (op, has) in ops {
        writeln!(table, "| {op} | {} |", if has { "yes" } else { "refused" }).unwrap();
    }
    let wanted = format!("{before}<!-- ops -->\n{table}<!-- end -->{after}");
    if std::env::var("BOOK").is_ok_and(|book| book == "overwrite") {
        std::fs::write(PAGE, &wanted).unwrap();
    } else {
        assert!(page == wanted, "docs/cuda.md is out of date; BOOK=overwrite writes it anew");
    }
}
