//! Data moved by a rule.

use keras_kernels::gather::{self, Axis};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// Whether an element of a sample of `len` is found by its position along each axis, as the backward kernel does it.
pub(super) fn is_whole(len: usize, axes: &[Axis]) -> bool {
    let mut dims: Vec<[usize; 2]> = axes.iter().filter(|a| a.from != 1).map(|a| [a.stride, a.from]).collect();
    dims.sort_unstable();
    let next = |at: usize, &[stride, from]: &[usize; 2]| (stride == at).then_some(at * from);
    dims.iter().try_fold(1, next) == Some(len)
}

/// Whether an axis is a dimension of the input as it is.
fn is_plain(axis: &Axis) -> bool {
    axis.len == axis.from && axis.before == 0 && axis.skip == 0 && axis.repeat == 1
}

/// The axes that kernels have. Plain ones that lie side by side in the input too are one.
fn merged(axes: &[Axis]) -> Vec<Axis> {
    let mut all: Vec<Axis> = Vec::new();
    for &axis in axes.iter().filter(|axis| !(is_plain(axis) && axis.len == 1)) {
        match all.last_mut() {
            Some(last) if is_plain(last) && is_plain(&axis) && last.stride == axis.stride * axis.len => {
                let len = last.len * axis.len;
                *last = Axis { len, from: len, ..axis };
            }
            _ => all.push(axis),
        }
    }
    all
}

/// The axes as constants.
fn constants(axes: &[Axis]) -> Vec<String> {
    let axis = |Axis { len, from, stride, before, skip, repeat }: &Axis| {
        format!("Axis<{len}, {from}, {stride}, {before}, {skip}, {repeat}>")
    };
    merged(axes).iter().map(axis).collect()
}

/// Rows and columns of matrices that are transposed, if that is all, and they are so large that squares of them are worth it.
fn transposed(axes: &[Axis]) -> Option<[usize; 2]> {
    let axes = merged(axes);
    let (outer, [along, down]) = axes.split_last_chunk()?;
    let is_matrix = is_plain(along) && is_plain(down) && along.stride == 1 && down.stride == along.len;
    let are_many = match outer {
        [] => true,
        [outer] => is_plain(outer) && outer.stride == along.len * down.len,
        _ => false,
    };
    (is_matrix && are_many && along.len.min(down.len) >= LONG).then_some([down.len, along.len])
}

/// From this length on, lines of a square are worth reading.
const LONG: usize = 16;

/// y = the transpose of each matrix of x, or y += that.
fn transpose(y: Span, [rows, columns]: [usize; 2], acc: bool) -> Launch {
    let squares = y.len / (rows * columns) * rows.div_ceil(32) * columns.div_ceil(32);
    let launch = Launch::new("gather", "gather_transposed").grid([squares, 1, 1], 256);
    launch.of([rows, columns]).of([acc])
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Gather { len, axes } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let launch = match transposed(axes) {
        Some(sizes) => transpose(y, sizes, false).out(y).reads(x),
        None => {
            let launch = Launch::new("gather", "gather_forward").over(y.len).of([len]).of(constants(axes));
            launch.out(y).reads(x).int(y.len)
        }
    };
    site.launch(launch.moves(&[x], false).means(move |memory| {
        let x = memory.f32(x);
        gather::scalar::forward(memory.f32_mut(y), &x, len, axes);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Gather { len, axes } = site.kind() else { return };
    let dy = site.dy();
    let Some((dx, acc)) = site.dx(0) else { return };
    let launch = match transposed(axes) {
        Some([rows, columns]) => transpose(dx, [columns, rows], acc).out(dx).reads(dy).moves(&[dy], acc),
        None => {
            let launch = Launch::new("gather", "gather_backward").over(dx.len).of([len]).of([acc]);
            launch.of(constants(axes)).out(dx).reads(dy).int(dx.len)
        }
    };
    site.launch(launch.means(move |memory| {
        let dy = memory.f32(dy);
        gather::scalar::backward(memory.f32_mut(dx), &dy, len, axes, acc);
    }));
}
