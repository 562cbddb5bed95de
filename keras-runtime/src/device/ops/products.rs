//! Several matrix products at once: those of samples, and those of groups of features.

use keras_kernels::dot;
use keras_kernels::einsum::{self, Groups};

use super::gemm::{Parts, THREADS, Tile, in_parts};
use super::put;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::math::Math;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// How a factor lies: whether its neighbours in memory are neighbours along the sum, floats from one line to the next, and from
/// one product's factor to the next one's.
#[derive(Clone, Copy)]
struct Factor {
    along_sum: bool,
    line: usize,
    step: usize,
}

/// How results lie: floats from one to the next of its column, to the next of its row, and from one product's to the next's.
type Results = [usize; 3];

/// A launch of so many products, of rows, columns and depth, which is in so many parts of so many steps: the results, and whether
/// they are added; both factors.
fn products_in_parts(
    tile: Tile,
    count: usize,
    sizes: [usize; 3],
    (parts, share): (usize, usize),
    (c, lie, acc): (Span, Results, bool),
    [a, b]: [(Span, Factor); 2],
) -> Launch {
    let lies = |factor: Factor| {
        let lies = if factor.along_sum { "ALONG_SUM" } else { "ALONG_TILE" };
        [lies.to_owned(), factor.line.to_string(), factor.step.to_string()]
    };
    let [rows, columns, _] = sizes;
    let blocks = [count * rows.div_ceil(tile.side()), columns.div_ceil(tile.side()), parts];
    let launch = Launch::new("products", "products").grid(blocks, THREADS);
    let launch = launch.of(lies(a.1)).of(lies(b.1)).of(lie).of([acc]).of([tile]).out(c).reads(a.0).reads(b.0);
    sizes.into_iter().fold(launch, Launch::int).int(share).int(c.len / parts)
}

/// The same, each sum at one go, and what it multiplies.
fn products(
    site: &Site<'_, '_>,
    count: usize,
    sizes: [usize; 3],
    c: (Span, Results, bool),
    factors: [(Span, Factor); 2],
) -> (Launch, Math) {
    let math = site.b.math(factors.map(|factor| factor.0));
    let tile = Tile::new(math, [sizes[0], sizes[1]], count);
    (products_in_parts(tile, count, sizes, (1, sizes[2]), c, factors), math)
}

pub(super) fn dot_forward(site: &mut Site<'_, '_>) {
    let OpKind::Dot { m, n, k } = site.kind() else { return };
    let (rows, a, b, y) = (site.b.rows, site.x(0), site.x(1), site.y());
    let [of_a, of_b] = [m, n].map(|rows| Factor { along_sum: true, line: k, step: rows * k });
    let (launch, math) = products(site, rows, [m, n, k], (y, [n, 1, m * n], false), [(a, of_a), (b, of_b)]);
    site.launch(launch.means(move |memory| {
        let [a, b] = math.factors(memory, [a, b]);
        dot::scalar::forward(memory.f32_mut(y), &a, &b, rows, m, n, k);
    }));
}

pub(super) fn dot_backward(site: &mut Site<'_, '_>) {
    let OpKind::Dot { m, n, k } = site.kind() else { return };
    let (rows, a, b, dy) = (site.b.rows, site.x(0), site.x(1), site.dy());
    let of_dy = |along_sum: bool| Factor { along_sum, line: n, step: m * n };
    let [of_a, of_b] = [m, n].map(|rows| Factor { along_sum: false, line: k, step: rows * k });
    if let Some((da, acc)) = site.dx(0) {
        let (launch, math) = products(site, rows, [m, k, n], (da, [k, 1, m * k], acc), [(dy, of_dy(true)), (b, of_b)]);
        site.launch(launch.means(move |memory| {
            let [dy, b] = math.factors(memory, [dy, b]);
            dot::scalar::backward_a(memory.f32_mut(da), &dy, &b, rows, m, n, k, acc);
        }));
    }
    if let Some((db, acc)) = site.dx(1) {
        let (launch, math) = products(site, rows, [n, k, m], (db, [k, 1, n * k], acc), [(dy, of_dy(false)), (a, of_a)]);
        site.launch(launch.means(move |memory| {
            let [dy, a] = math.factors(memory, [dy, a]);
            dot::scalar::backward_b(memory.f32_mut(db), &dy, &a, rows, m, n, k, acc);
        }));
    }
}

/// How kernels lie as the second factor, where the sum is over their `k`, or over their `n` on the way back.
fn kernels(of: &Groups, back: bool) -> Factor {
    let [step, of_k, of_n] = of.strides;
    let is_transposed = of_n != 1;
    Factor { along_sum: is_transposed != back, line: if is_transposed { of_n } else { of_k }, step }
}

/// How rows of groups of so many features lie as a factor.
fn rows_of(of: &Groups, features: usize, along_sum: bool) -> Factor {
    Factor { along_sum, line: of.groups * features, step: features }
}

pub(super) fn einsum_forward(site: &mut Site<'_, '_>) {
    let OpKind::Einsum { outer, groups: of } = site.kind() else { return };
    let (m, x, w, y) = (site.b.rows * outer, site.x(0), site.w(0), site.y());
    let Groups { groups, k, n, .. } = of;
    let factors = [(x, rows_of(&of, k, true)), (w, kernels(&of, false))];
    let (launch, math) = products(site, groups, [m, n, k], (y, [groups * n, 1, n], false), factors);
    site.launch(launch.means(move |memory| {
        let [x, w] = math.factors(memory, [x, w]);
        einsum::scalar::forward(memory.f32_mut(y), &x, &w, m, &of);
    }));
}

pub(super) fn einsum_backward(site: &mut Site<'_, '_>) {
    let OpKind::Einsum { outer, groups: of } = site.kind() else { return };
    let (m, x, w, dy) = (site.b.rows * outer, site.x(0), site.w(0), site.dy());
    let Groups { groups, k, n, strides: [step, of_k, of_n] } = of;
    if let Some((dx, acc)) = site.dx(0) {
        let factors = [(dy, rows_of(&of, n, true)), (w, kernels(&of, true))];
        let (launch, math) = products(site, groups, [m, k, n], (dx, [groups * k, 1, k], acc), factors);
        site.launch(launch.means(move |memory| {
            let [dy, w] = math.factors(memory, [dy, w]);
            let mut sum = vec![0.0; dx.len];
            einsum::scalar::backward_data(&mut sum, &dy, &w, m, &of);
            put(memory.f32_mut(dx), &sum, acc);
        }));
    }
    if let Some(dw) = site.dw(0) {
        // What a thread writes lies side by side in memory: the columns are the kernels' `k` where these do.
        let [of_x, of_dy] = [(x, k), (dy, n)].map(|(span, features)| (span, rows_of(&of, features, false)));
        let (sizes, lie, factors) = match of_n {
            1 => ([k, n, m], [of_k, of_n, step], [of_x, of_dy]),
            _ => ([n, k, m], [of_n, of_k, step], [of_dy, of_x]),
        };
        let tile = Tile::in_parts(site.b.math([x, dy]), [k, n], groups, m, 1);
        let parts = Parts::of_product(tile, [k, n], groups, m, 1);
        let in_each = (parts.count, parts.share);
        let launch = move |to, acc| products_in_parts(tile, groups, sizes, in_each, (to, lie, acc), factors);
        in_parts(site, dw, m, parts, launch, move |memory, sum, [from, to]| {
            let [x, dy] = tile.math.factors(memory, [x, dy]);
            let (x, dy) = (&x[from * groups * k..to * groups * k], &dy[from * groups * n..to * groups * n]);
            einsum::scalar::backward_kernel(sum, x, dy, to - from, &of);
        });
    }
}
