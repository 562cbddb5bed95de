//! Convolutions of every instruction set against their definition in `f64`, and the scalar body too.
//!
//! The bound is that of a sum in any order: with d terms, |error| ≤ (d + 2) · ε · Σ|terms|, ε = 2⁻²⁴.

mod common;

use common::{EPSILON, Guarded, Random, close, same_bits};
use keras_kernels::Isa;
use keras_kernels::activation::Act;
use keras_kernels::conv::{self, Geometry, Windows};
use keras_kernels::memory::{Rule, Sink, Slots, Use};
use keras_kernels::pool::{self, Pool};
use keras_shapes::windows::{conv_scratch, pooled_scratch, pools, same, same_before, span, valid};

/// A convolution; dimensions that are not given come first and are 1.
fn geometry(
    n: &[usize],
    k: &[usize],
    stride: usize,
    dilation: usize,
    padded: bool,
    [cin, cout, groups]: [usize; 3],
) -> Geometry {
    let three = |x: &[usize]| {
        let mut dims = [1; 3];
        dims[3 - x.len()..].copy_from_slice(x);
        dims
    };
    let (n, k) = (three(n), three(k));
    let each = |x: usize| [0, 1, 2].map(|i| if k[i] == 1 && n[i] == 1 { 1 } else { x });
    let (stride, dilation) = (each(stride), each(dilation));
    let spans = [0, 1, 2].map(|i| span(k[i], dilation[i]));
    let out = [0, 1, 2].map(|i| if padded { same(n[i], stride[i]) } else { valid(n[i], spans[i], stride[i]) });
    let before = [0, 1, 2].map(|i| if padded { same_before(n[i], spans[i], stride[i]) } else { 0 });
    Geometry { windows: Windows { n, k, stride, dilation, before, out }, cin, cout, groups }
}

fn geometries() -> Vec<Geometry> {
    let mut all = vec![
        geometry(&[28, 28], &[3, 3], 1, 1, false, [1, 32, 1]),
        geometry(&[13, 13], &[3, 3], 1, 1, false, [32, 64, 1]),
        geometry(&[11, 10], &[3, 3], 2, 1, true, [1, 83, 1]),
        geometry(&[6, 7], &[3, 3], 1, 1, false, [1, 5, 1]),
        geometry(&[9, 14], &[3, 3], 1, 1, true, [3, 70, 1]),
        geometry(&[40, 70], &[5, 5], 2, 1, true, [20, 9, 1]),
        geometry(&[7, 7], &[3, 3], 1, 1, true, [130, 40, 1]),
        geometry(&[8, 9], &[3, 2], 1, 2, true, [8, 12, 4]),
        geometry(&[200], &[7], 1, 3, true, [5, 17, 1]),
        geometry(&[6, 7, 8], &[3, 2, 3], 1, 1, true, [3, 5, 1]),
        geometry(&[6, 7, 8], &[2, 3, 3], 2, 1, false, [4, 6, 2]),
    ];
    // Each feature for itself: fewer and more than a vector has, padded on both sides, with steps, and with more taps, or lines of
    // them, than are taken at once.
    for features in [2, 7, 16, 33, 50] {
        all.extend([
            geometry(&[11, 21], &[3, 3], 1, 1, true, [features; 3]),
            geometry(&[9, 12], &[3, 3], 2, 1, true, [features; 3]),
            geometry(&[8, 9], &[2, 4], 3, 1, false, [features; 3]),
            geometry(&[19], &[3], 1, 4, true, [features; 3]),
            geometry(&[5, 12, 6], &[5, 7, 2], 1, 1, true, [features; 3]),
            geometry(&[7, 8], &[3, 3], 2, 3, true, [features; 3]),
            geometry(&[3, 4], &[1, 1], 1, 1, true, [features; 3]),
        ]);
    }
    let mut random = Random::new(4);
    for _ in 0..150 {
        let dims = 1 + random.below(3);
        let list = |random: &mut Random, least: usize, below: usize| {
            (0..dims).map(|_| least + random.below(below)).collect::<Vec<_>>()
        };
        let (n, k) = (list(&mut random, 1, 9), list(&mut random, 1, 4));
        // Kernels for transposed convolutions have both.
        let (stride, dilation) = (1 + random.below(3), 1 + random.below(3));
        let groups = [1, 1, 1, 2, 3][random.below(5)];
        let (cin, cout) = (groups * random.below(9), groups * random.below(24));
        all.push(geometry(&n, &k, stride, dilation, random.below(2) == 0, [cin, cout, groups]));
    }
    for _ in 0..80 {
        let dims = 1 + random.below(3);
        let list = |random: &mut Random, below: usize| (0..dims).map(|_| 1 + random.below(below)).collect::<Vec<_>>();
        let (n, k) = (list(&mut random, 9), list(&mut random, 4));
        let (stride, dilation, features) = (1 + random.below(3), 1 + random.below(3), 2 + random.below(40));
        let times = [1, 1, 2, 3, 4, 9][random.below(6)];
        all.push(geometry(&n, &k, stride, dilation, random.below(2) == 0, [features, times * features, features]));
    }
    // Windows that begin anywhere, as those of transposed convolutions do.
    for _ in 0..50 {
        let features = [[2, 3, 1], [4, 4, 4]][random.below(2)];
        let mut g = geometry(&[5, 6], &[3, 3], 1 + random.below(3), 1 + random.below(2), true, features);
        let w = &mut g.windows;
        for i in 1..3 {
            w.before[i] = random.below(4);
            w.out[i] = random.below(7);
        }
        all.push(g);
    }
    all
}

/// Calls `f` with what meets: sample, output position, input position, tap.
fn terms(g: &Geometry, m: usize, mut f: impl FnMut(usize, usize, usize)) {
    let w = &g.windows;
    for s in 0..m {
        for out in 0..w.count() {
            let o = [out / (w.out[1] * w.out[2]), out / w.out[2] % w.out[1], out % w.out[2]];
            for tap in 0..w.taps() {
                let t = [tap / (w.k[1] * w.k[2]), tap / w.k[2] % w.k[1], tap % w.k[2]];
                let at: Vec<i64> =
                    (0..3).map(|i| (o[i] * w.stride[i] + t[i] * w.dilation[i]) as i64 - w.before[i] as i64).collect();
                if (0..3).all(|i| (0..w.n[i] as i64).contains(&at[i])) {
                    let position = (at[0] as usize * w.n[1] + at[1] as usize) * w.n[2] + at[2] as usize;
                    f(s * w.count() + out, s * w.positions() + position, tap);
                }
            }
        }
    }
}

/// The sums of what all terms give, and of their magnitudes: three arrays of indices to `a`, `b` and the sum.
fn sums(len: usize, a: &[f32], b: &[f32], each: impl Fn(&mut dyn FnMut(usize, usize, usize))) -> (Vec<f64>, Vec<f64>) {
    let (mut sum, mut size) = (vec![0.0; len], vec![0.0; len]);
    each(&mut |i, j, to| {
        let term = f64::from(a[i]) * f64::from(b[j]);
        sum[to] += term;
        size[to] += term.abs();
    });
    (sum, size)
}

/// Calls `f` with the indices of the elements of x, w and y of every product.
fn products(g: &Geometry, m: usize, f: &mut dyn FnMut(usize, usize, usize)) {
    let (from, to) = (g.from_each(), g.to_each());
    terms(g, m, |out, at, tap| {
        for feature in 0..g.cout {
            for c in 0..from {
                let x = at * g.cin + feature / to * from + c;
                f(x, (tap * from + c) * g.cout + feature, out * g.cout + feature);
            }
        }
    });
}

fn scratch(g: &Geometry) -> Guarded {
    Guarded::new(&vec![f32::NAN; conv_scratch(g)], 0)
}

fn bound(d: usize, size: &[f64]) -> impl Fn(usize) -> f64 {
    move |i| (d as f64 + 2.0) * EPSILON * size[i]
}

struct Data {
    m: usize,
    x: Vec<f32>,
    w: Vec<f32>,
    dy: Vec<f32>,
}

fn each_geometry(mut f: impl FnMut(&Geometry, &Data, &mut Random)) {
    let mut random = Random::new(1);
    for (case, g) in geometries().iter().enumerate() {
        let m = [1, 3, 2, 0][if case > 10 { case % 4 } else { case % 3 }];
        let x = random.floats(m * g.windows.positions() * g.cin);
        let (w, dy) = (random.floats(g.depth() * g.cout), random.floats(m * g.windows.count() * g.cout));
        f(g, &Data { m, x, w, dy }, &mut random);
    }
}

#[test]
fn forward() {
    each_geometry(|g, data, random| {
        let Data { m, x, w, dy } = data;
        let b = random.floats(g.cout);
        for bias in [None, Some(&b[..])] {
            let (mut y, mut size) = sums(dy.len(), x, w, |f| products(g, *m, f));
            for i in 0..y.len() {
                let b = bias.map_or(0.0, |b| f64::from(b[i % g.cout]));
                y[i] = (y[i] + b).max(0.0);
                size[i] += b.abs();
            }
            for isa in Isa::available() {
                let mut got = Guarded::new(&vec![f32::NAN; y.len()], 1);
                conv::forward(isa, got.get_mut(), x, w, bias, Act::Relu, *m, g, scratch(g).get_mut());
                close(&format!("{isa:?} {g:?}"), got.get(), &y, bound(g.depth() + 1, &size));
            }
        }
    });
}

/// The pool takes the same maxima whether the convolution is there as a whole or not, and whatever the scratch had before.
#[test]
fn forward_pooled() {
    let mut fused = 0;
    each_geometry(|g, data, random| {
        let Data { m, x, w, dy } = data;
        let b = random.floats(g.cout);
        let n = g.windows.out;
        for k in [[1, 1, 2], [1, 2, 2], [1, 3, 1], [1, 2, 5], [1, 1, 1]] {
            let out = [0, 1, 2].map(|i| n[i] / k[i]);
            let pool = Windows { n, k, stride: k, dilation: [1; 3], before: [0; 3], out };
            if !pools(g, &pool) {
                continue;
            }
            fused += 1;
            for isa in Isa::available() {
                let (mut whole, mut expected) = (vec![0.0; dy.len()], vec![0.0; m * pool.count() * g.cout]);
                conv::forward(isa, &mut whole, x, w, Some(&b), Act::Tanh, *m, g, scratch(g).get_mut());
                pool::forward(isa, &mut expected, &whole, Pool::Max, *m, g.cout, &pool);
                let mut got = Guarded::new(&vec![f32::NAN; expected.len()], 1);
                let mut tmp = Guarded::new(&vec![f32::NAN; pooled_scratch(g, &pool)], 0);
                conv::forward_pooled(isa, got.get_mut(), x, w, Some(&b), Act::Tanh, *m, g, &pool, tmp.get_mut());
                same_bits(&format!("{isa:?} {pool:?} {g:?}"), got.get(), &expected);
            }
        }
    });
    assert!(fused > 100, "only {fused} pools behind convolutions");
}

#[test]
fn backward_data() {
    each_geometry(|g, data, random| {
        let Data { m, x, w, dy } = data;
        let before = random.floats(x.len());
        for acc in [false, true] {
            let (mut dx, mut size) = sums(x.len(), dy, w, |f| products(g, *m, &mut |x, w, y| f(y, w, x)));
            if acc {
                for i in 0..dx.len() {
                    dx[i] += f64::from(before[i]);
                    size[i] += f64::from(before[i].abs());
                }
            }
            for isa in Isa::available() {
                let start = if acc { before.clone() } else { vec![f32::NAN; x.len()] };
                let mut got = Guarded::new(&start, 3);
                conv::backward_data(isa, got.get_mut(), dy, w, *m, g, acc, scratch(g).get_mut());
                close(&format!("{isa:?} {acc} {g:?}"), got.get(), &dx, bound(g.windows.taps() * g.cout + 1, &size));
            }
        }
    });
}

/// Takes the gradient as the new weight.
struct Take;

impl Rule for Take {
    fn update(&self, w: &mut [f32], g: &[f32], _: Slots<'_>) {
        w.copy_from_slice(g);
    }
}

#[test]
fn backward_kernel() {
    each_geometry(|g, data, _| {
        let Data { m, x, w, dy } = data;
        let (dw, size) = sums(w.len(), x, dy, |f| products(g, *m, &mut |x, w, y| f(x, y, w)));
        for isa in Isa::available() {
            let what = format!("{isa:?} {g:?}");
            let mut weights = w.clone();
            let mut got = Guarded::new(&vec![f32::NAN; w.len()], 2);
            let mut sink = Sink::store(&mut weights, got.get_mut(), &[]);
            let out = sink.param(0, 0, w.len(), Use::Only).unwrap();
            conv::backward_kernel(isa, out, x, dy, *m, g, scratch(g).get_mut());
            close(&what, got.get(), &dw, bound(m * g.windows.count() + 1, &size));

            let mut weights = w.clone();
            let mut unused = vec![0.0; w.len()];
            let mut sink = Sink::update(&mut weights, &mut unused, &[], &Take, &mut []);
            let out = sink.param(0, 0, w.len(), Use::Only).unwrap();
            conv::backward_kernel(isa, out, x, dy, *m, g, scratch(g).get_mut());
            same_bits(&what, &weights, got.get());
        }
    });
}
