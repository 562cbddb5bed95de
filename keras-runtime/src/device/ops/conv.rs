//! Convolutions, and transposed ones, which are their gradients.

use keras_kernels::activation::Act;
use keras_kernels::conv::{self, Geometry, Windows};
use keras_kernels::conv_transpose;

use super::activation::{arguments, before_activation, code};
use super::dense::columns;
use super::gemm::{Parts, Tile, in_parts};
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::math::Math;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The windows as a type of `windows.cuh`.
pub(super) fn windows(w: &Windows) -> String {
    let dim = |i: usize| {
        let [n, k, stride, dilation, before, out] = [w.n, w.k, w.stride, w.dilation, w.before, w.out].map(|of| of[i]);
        format!("Dim<{n}, {k}, {stride}, {dilation}, {before}, {out}>")
    };
    format!("Windows<{}, {}, {}>", dim(0), dim(1), dim(2))
}

/// The sizes as a type of `conv.cu`.
fn geometry(g: &Geometry) -> String {
    format!("Geometry<{}, {}, {}, {}>", windows(&g.windows), g.cin, g.cout, g.groups)
}

/// Features of a group of the output below which tiles would stand empty.
const FEW: usize = 16;

fn is_few(g: &Geometry) -> bool {
    g.groups > 1 && g.to_each().min(g.from_each()) < FEW
}

/// What is multiplied: floats as they are, where it is not done in tiles.
fn math(site: &Site<'_, '_>, factors: [Span; 2], g: &Geometry) -> Math {
    if is_few(g) { Math::Float32 } else { site.b.math(factors) }
}

/// The tile, for kernels that work in tiles.
fn in_tiles(tile: Tile, g: &Geometry) -> Option<Tile> {
    (!is_few(g)).then_some(tile)
}

/// From x to y, both with `m` samples: a convolution.
pub(super) fn along(site: &mut Site<'_, '_>, m: usize, [y, x, w]: [Span; 3], b: Option<Span>, act: Act, g: Geometry) {
    let sizes = [m * g.windows.count(), g.to_each()];
    let tile = Tile::new(math(site, [x, w], &g), sizes, g.groups);
    let launch = if is_few(&g) {
        Launch::new("conv", "conv_few_forward").over(y.len)
    } else {
        tile.launch("conv", "conv_forward", sizes, g.groups)
    };
    let launch = launch.of([geometry(&g)]).of([code(act)]).of([b.is_some()]).of(in_tiles(tile, &g));
    let launch = launch.out(y).reads(x).reads(w).reads_if(b).int(if is_few(&g) { y.len } else { m });
    site.launch(arguments(launch, act).means(move |memory| {
        let ([x, w], b) = (tile.math.factors(memory, [x, w]), memory.f32_if(b));
        conv::scalar::forward(memory.f32_mut(y), &x, &w, b.as_deref(), act, m, &g);
    }));
}

/// From dy to dx, or onto it, both with `m` samples: the gradient of a convolution, which is a transposed one.
pub(super) fn against(
    site: &mut Site<'_, '_>,
    m: usize,
    (dx, acc): (Span, bool),
    [dy, w]: [Span; 2],
    b: Option<Span>,
    act: Act,
    g: Geometry,
) {
    let sizes = [m * g.windows.positions(), g.from_each()];
    let tile = Tile::new(math(site, [dy, w], &g), sizes, g.groups);
    let launch = if is_few(&g) {
        Launch::new("conv", "conv_few_data").over(dx.len)
    } else {
        tile.launch("conv", "conv_data", sizes, g.groups)
    };
    let launch = launch.of([geometry(&g)]).of([acc]).of([code(act)]).of([b.is_some()]).of(in_tiles(tile, &g));
    let launch = launch.out(dx).reads(dy).reads(w).reads_if(b).int(if is_few(&g) { dx.len } else { m });
    site.launch(arguments(launch, act).means(move |memory| {
        let ([dy, w], b) = (tile.math.factors(memory, [dy, w]), memory.f32_if(b));
        if acc {
            conv::scalar::backward_data(memory.f32_mut(dx), &dy, &w, m, &g, true);
        } else {
            conv_transpose::scalar::forward(memory.f32_mut(dx), &dy, &w, b.as_deref(), act, m, &g);
        }
    }));
}

/// The gradient of the kernel, over `m` samples.
pub(super) fn kernel(site: &mut Site<'_, '_>, m: usize, dw: (Span, bool), [x, dy]: [Span; 2], g: Geometry) {
    let few = is_few(&g);
    let (windows, sizes) = (g.windows.count(), [g.depth(), g.to_each()]);
    let blocks = g.cout.div_ceil(32) * g.depth();
    let tile = Tile::in_parts(math(site, [x, dy], &g), sizes, g.groups, m, windows);
    let parts = if few { Parts::new(blocks, m, windows) } else { Parts::of_product(tile, sizes, g.groups, m, windows) };
    let (count, share) = (parts.count, parts.share);
    let launch = move |to, acc| {
        let launch = if few {
            Launch::new("conv", "conv_few_kernel").grid([g.cout.div_ceil(32), g.depth(), count], 256).of([geometry(&g)])
        } else {
            tile.launch("conv", "conv_kernel", sizes, g.groups * count).of([geometry(&g), g.groups.to_string()])
        };
        launch.of([acc]).of(in_tiles(tile, &g)).out(to).reads(x).reads(dy).int(m).int(share)
    };
    in_parts(site, dw, m, parts, launch, move |memory, sum, [from, to]| {
        let (each, each_x) = (windows * g.cout, g.windows.positions() * g.cin);
        let [x, dy] = tile.math.factors(memory, [x, dy]);
        conv::scalar::backward_kernel(sum, &x[from * each_x..to * each_x], &dy[from * each..to * each], to - from, &g);
    });
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Conv { geometry, act } = site.kind() else { return };
    let (rows, x, w, b, y) = (site.b.rows, site.x(0), site.w(0), site.w_if(1), site.y());
    along(site, rows, [y, x, w], b, act, geometry);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Conv { geometry: g, act } = site.kind() else { return };
    let (m, x, w, dy) = (site.b.rows, site.x(0), site.w(0), site.dy());
    before_activation(site, act);
    if let Some(dx) = site.dx(0) {
        against(site, m, dx, [dy, w], None, Act::Linear, g);
    }
    if let Some(dw) = site.dw(0) {
        kernel(site, m, dw, [x, dy], g);
    }
    if let Some(db) = site.dw(1) {
        columns(site, db, dy, m * g.windows.count(), g.cout);
    }
}

pub(super) fn transpose_forward(site: &mut Site<'_, '_>) {
    let OpKind::ConvTranspose { geometry, act } = site.kind() else { return };
    let (rows, x, w, b, y) = (site.b.rows, site.x(0), site.w(0), site.w_if(1), site.y());
    against(site, rows, (y, false), [x, w], b, act, geometry);
}

pub(super) fn transpose_backward(site: &mut Site<'_, '_>) {
    let OpKind::ConvTranspose { geometry: g, act } = site.kind() else { return };
    let (m, x, w, dy) = (site.b.rows, site.x(0), site.w(0), site.dy());
    before_activation(site, act);
    if let Some((dx, acc)) = site.dx(0) {
        let to = if acc { site.own(0, dx.len) } else { dx };
        along(site, m, [to, dy, w], None, Act::Linear, g);
        if acc {
            super::add::copy(site.b, dx, to, true);
        }
    }
    if let Some(dw) = site.dw(0) {
        kernel(site, m, dw, [dy, x], g);
    }
    if let Some(db) = site.dw(1) {
        columns(site, db, dy, m * g.windows.positions(), g.cin);
    }
}
