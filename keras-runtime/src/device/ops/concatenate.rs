//! Rows one behind the other: a launch for each input.

use keras_kernels::concatenate;

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// Where the columns of an input begin, how many they are, and how many there are in all.
#[derive(Clone, Copy)]
struct Columns {
    at: usize,
    width: usize,
    total: usize,
}

/// Rows of the batch, and the columns of each input.
fn columns(site: &Site<'_, '_>) -> (usize, Vec<Columns>) {
    let OpKind::Concatenate { outer, widths } = site.kind() else { return (0, Vec::new()) };
    let (mut at, total) = (0, widths.iter().sum());
    let next = |&width: &usize| {
        at += width;
        Columns { at: at - width, width, total }
    };
    (site.b.rows * outer, widths.iter().map(next).collect())
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let (y, (rows, columns)) = (site.y(), columns(site));
    for (i, Columns { at, width, total }) in columns.into_iter().enumerate() {
        let x = site.x(i);
        let launch = Launch::new("concatenate", "concatenate_forward").over(x.len).of([width, total]);
        site.launch(launch.out(y).reads(x).int(at).int(rows).moves(&[x], false).means(move |memory| {
            let x = memory.f32(x);
            for (y, x) in memory.f32_mut(y).chunks_exact_mut(total).zip(x.chunks_exact(width)) {
                y[at..at + width].copy_from_slice(x);
            }
        }));
    }
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let (dy, (rows, columns)) = (site.dy(), columns(site));
    for (i, Columns { at, width, total }) in columns.into_iter().enumerate() {
        let Some((dx, acc)) = site.dx(i) else { continue };
        let launch = Launch::new("concatenate", "concatenate_backward").over(dx.len).of([width, total]).of([acc]);
        site.launch(launch.out(dx).reads(dy).int(at).int(rows).moves(&[dy], acc).means(move |memory| {
            let dy = memory.f32(dy);
            concatenate::scalar::backward(memory.f32_mut(dx), &dy, at, width, total, acc);
        }));
    }
}
