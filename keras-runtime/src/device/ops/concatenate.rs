//! Rows one behind the other.

use super::{flag, put};
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// Columns `at` and on of rows of `total`, so many as the other side has, from one side to the other.
fn launch(site: &mut Site<'_, '_>, name: &'static str, (to, from): (Span, Span), of: [usize; 3], acc: bool) {
    let [at, width, total] = of;
    let rows = site.b.rows * outer(site.kind());
    let launch = Launch::new("concatenate", name).over(rows * width).of([width, total]).of([flag(acc)]);
    site.launch(launch.out(to).reads(from).int(at).int(rows).means(move |memory| {
        let from = memory.f32(from);
        let to = memory.f32_mut(to);
        for row in 0..rows {
            let (wide, narrow) = (row * total + at, row * width);
            if name == "concatenate_forward" {
                to[wide..wide + width].copy_from_slice(&from[narrow..narrow + width]);
            } else {
                put(&mut to[narrow..narrow + width], &from[wide..wide + width], acc);
            }
        }
    }));
}

fn outer(kind: OpKind) -> usize {
    if let OpKind::Concatenate { outer, .. } = kind { outer } else { 1 }
}

/// Where the columns of each input begin, how many they are, and how many there are in all.
fn columns(kind: OpKind) -> impl Iterator<Item = [usize; 3]> {
    let widths = if let OpKind::Concatenate { widths, .. } = kind { widths } else { &[] };
    let total = widths.iter().sum();
    widths.iter().scan(0, move |at, &width| {
        *at += width;
        Some([*at - width, width, total])
    })
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let y = site.y();
    for (i, of) in columns(site.kind()).enumerate() {
        let x = site.x(i);
        launch(site, "concatenate_forward", (y, x), of, false);
    }
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    for (i, of) in columns(site.kind()).enumerate() {
        if let Some((dx, acc)) = site.dx(i) {
            launch(site, "concatenate_backward", (dx, dy), of, acc);
        }
    }
}
