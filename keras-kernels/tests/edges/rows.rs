//! Kernels of elements and of rows.

use super::common::acts::ACTS;
use super::{Kernel, Labels, Rows, Scratch, Whole, labels, stored};
use keras_kernels::activation::{self, Saves};
use keras_kernels::dropout::{self, Key};
use keras_kernels::gather::{self, Axis};
use keras_kernels::interpolate::{self, Along, Method};
use keras_kernels::merge::{self, Merge};
use keras_kernels::noise::{self, Noise};
use keras_kernels::round::{self, Precision};
use keras_kernels::shaped_dropout::{self, Mask};
use keras_kernels::{
    Isa, add, batch_normalization, cast, concatenate, crossentropy, dot, embedding, glu, log_softmax, mask,
    normalization, prelu, softmax, sparsemax, spectral, unit_normalization,
};
use keras_shapes::plan::dense_scratch;

type Forward = fn(Isa, &mut [f32], Option<&[f32]>, usize);
type Backward = fn(Isa, &mut [f32], Option<&[f32]>, &[f32], usize, bool);

/// Kernels that work on elements or rows of `n`, that can work in place, and whose gradient can be added.
pub(super) fn in_place(all: &mut Vec<Kernel>, n: usize) {
    let ops: [(&str, Forward, Backward); 4] = [
        ("softmax", softmax::forward, softmax::backward),
        ("log-softmax", log_softmax::forward, log_softmax::backward),
        ("sparsemax", sparsemax::forward, sparsemax::backward),
        ("unit normalization", unit_normalization::forward, unit_normalization::backward),
    ];
    for (name, forward, backward) in ops {
        kernel!(all, name, [y: Rows(n), x: Rows(n)], |isa, f, r| forward(isa, y, Some(x), n));
        kernel!(all, format!("{name} in place"), [y: Rows(n)], |isa, f, r| forward(isa, y, None, n));
        for acc in [false, true] {
            let name = format!("{name} backward, {acc}");
            kernel!(all, name, [dx: Rows(n), dy: Rows(n), y: Rows(n)], |isa, f, r| {
                backward(isa, dx, Some(dy), y, n, acc)
            });
        }
        let name = format!("{name} backward in place");
        kernel!(all, name, [dx: Rows(n), y: Rows(n)], |isa, f, r| backward(isa, dx, None, y, n, false));
    }
    for act in ACTS {
        let saved = if act.saves() == Saves::Nothing { 0 } else { n };
        kernel!(all, format!("{act:?}"), [y: Rows(n), x: Rows(n)], |isa, f, r| {
            activation::forward(isa, y, Some(x), act)
        });
        kernel!(all, format!("{act:?} in place"), [y: Rows(n)], |isa, f, r| activation::forward(isa, y, None, act));
        for acc in [false, true] {
            let name = format!("{act:?} backward, {acc}");
            kernel!(all, name, [dx: Rows(n), dy: Rows(n), s: Rows(saved)], |isa, f, r| {
                activation::backward(isa, dx, Some(dy), s, act, acc)
            });
        }
        let name = format!("{act:?} backward in place");
        kernel!(all, name, [dx: Rows(n), s: Rows(saved)], |isa, f, r| {
            activation::backward(isa, dx, None, s, act, false)
        });
    }
    let key = Key { seed: 5, step: 3, stream: 1 };
    for acc in [false, true] {
        kernel!(all, format!("dropout, {acc}"), [y: Rows(n), x: Rows(n)], |isa, first, r| {
            dropout::backward(isa, y, Some(x), 0.5, key, (first * n) as u64, acc)
        });
        for noise in [Noise::Added { stddev: 0.5 }, Noise::Multiplied { rate: 0.5 }] {
            kernel!(all, format!("{noise:?} backward, {acc}"), [y: Rows(n), x: Rows(n)], |isa, first, r| {
                noise::backward(isa, y, Some(x), noise, key, (first * n) as u64, acc)
            });
            kernel!(all, format!("{noise:?}"), [y: Rows(n), x: Rows(n)], |isa, first, r| {
                noise::forward(isa, y, Some(x), noise, key, (first * n) as u64)
            });
        }
        for to in [Precision::Bfloat16, Precision::Float16] {
            kernel!(all, format!("{to:?} backward, {acc}"), [y: Rows(n), x: Rows(n)], |isa, f, r| {
                round::backward(isa, y, Some(x), to, acc)
            });
            kernel!(all, format!("{to:?}"), [y: Rows(n), x: Rows(n)], |isa, f, r| round::forward(isa, y, Some(x), to));
            kernel!(all, format!("{to:?} in place"), [y: Rows(n)], |isa, f, r| round::forward(isa, y, None, to));
        }
        kernel!(all, format!("shaped dropout, {acc}"), [y: Rows(3 * n), x: Rows(3 * n)], |isa, first, r| {
            let dims = [shaped_dropout::Dim { len: 3, own: false }, shaped_dropout::Dim { len: n, own: true }];
            let mask = Mask::alpha(0.3, true, &dims);
            shaped_dropout::forward(isa, y, Some(x), mask, key, first);
            shaped_dropout::backward(isa, y, Some(x), mask, key, first, acc)
        });
        kernel!(all, format!("prelu, {acc}"), [y: Rows(2 * n), x: Rows(2 * n), a: Whole(n)], |isa, f, r| {
            let dims = [prelu::Dim { len: 2, shared: true }, prelu::Dim { len: n, shared: false }];
            prelu::backward_data(isa, y, Some(x), x, a, &dims, acc);
            prelu::forward(isa, y, Some(x), a, &dims)
        });
    }
}

/// Kernels that normalize channels of `n` features.
pub(super) fn normalizations(all: &mut Vec<Kernel>, n: usize) {
    // Rows, rows without a mean, and two groups over three positions.
    for (positions, groups, centered) in [(1, 1, true), (1, 1, false), (3, 2, true)] {
        let of = normalization::Groups { positions, groups, depth: n, epsilon: 1e-3, centered };
        let (c, len, kept, tmp) = (of.channels(), of.len(), 2 * groups, 8 * n);
        kernel!(
            all,
            format!("normalization, {of:?}"),
            [y: Rows(len), x: Rows(len), stats: Rows(kept), g: Whole(c), b: Whole(c), tmp: Scratch(tmp)],
            |isa, f, r| {
                normalization::forward(isa, y, x, None, Some(b), &mut [], &of, tmp);
                normalization::forward(isa, y, x, Some(g), Some(b), stats, &of, tmp)
            }
        );
        for acc in [false, true] {
            kernel!(
                all,
                format!("normalization backward, {of:?}, {acc}"),
                [dx: Rows(len), dy: Rows(len), x: Rows(len), s: Rows(kept), g: Whole(c), tmp: Scratch(tmp)],
                |isa, f, r| normalization::backward_data(isa, dx, dy, x, Some(g), s, &of, acc, tmp)
            );
        }
        kernel!(
            all,
            format!("gradient of factors, {of:?}"),
            [dg: Whole(c), g: Whole(c), x: Whole(2 * len), dy: Whole(2 * len), s: Whole(2 * kept)],
            |isa, f, r| stored(g, dg, |out| normalization::backward_gamma(isa, out, x, dy, s, &of))
        );
    }
    let constants = batch_normalization::Renorm { momentum: 0.8, rmin: 0.5, rmax: 2.0, dmax: 1.0 };
    let of = batch_normalization::Channels {
        positions: 3,
        channels: n,
        epsilon: 1e-3,
        momentum: 0.9,
        masked: true,
        renorm: None,
    };
    let renorm = batch_normalization::Channels { renorm: Some(constants), ..of };
    kernel!(
        all,
        "batch renormalization",
        [r: Whole(n), d: Whole(n), s: Whole(n), m: Whole(n), v: Whole(n), g: Whole(n), b: Whole(n)],
        |isa, f, rows| {
            v.iter_mut().for_each(|v| *v = v.abs());
            batch_normalization::corrections(isa, [r, d], m, v, [b, s], &renorm);
            batch_normalization::factors(isa, r, d, Some(g), Some(b));
            batch_normalization::update_deviation(isa, s, v, 1e-3, 0.9);
        }
    );
    kernel!(
        all,
        "gradient of factors of batch renormalization",
        [dg: Whole(n), g: Whole(n), sums: Whole(6 * n), r: Whole(n), d: Whole(n)],
        |isa, f, rows| stored(g, dg, |out| batch_normalization::backward_gamma(isa, out, sums, r, d))
    );
    let stats = if n == 0 { 0 } else { of.statistics() };
    kernel!(all, "statistics of samples", [stats: Rows(stats), x: Rows(3 * n), m: Rows(3)], |isa, f, r| {
        m.iter_mut().for_each(|m| *m = if *m > 0.5 { 0.0 } else { 1.0 });
        batch_normalization::statistics(isa, stats, x, if n == 0 { &[] } else { m }, &of)
    });
    kernel!(
        all,
        "statistics of a batch",
        [mean: Whole(n), var: Whole(n), sum: Whole(n), dot: Whole(n), stats: Whole(6 * n + 3), sums: Whole(6 * n)],
        |isa, f, r| {
            batch_normalization::combine(isa, mean, var, stats, &of);
            batch_normalization::totals(isa, sum, dot, sums, 9.0);
            batch_normalization::update(isa, sum, mean, 0.9);
            var.iter_mut().for_each(|var| *var = var.abs());
            batch_normalization::deviation(isa, var, 1e-3)
        }
    );
    kernel!(
        all,
        "batch normalization",
        [y: Rows(3 * n), x: Rows(3 * n), m: Whole(n), s: Whole(n), g: Whole(n), b: Whole(n), tmp: Scratch(n)],
        |isa, f, r| batch_normalization::apply(isa, y, x, m, s, Some(g), Some(b), tmp)
    );
    kernel!(
        all,
        "batch normalization backward",
        [
            dx: Rows(3 * n), sums: Rows(2 * n), dy: Rows(3 * n), x: Rows(3 * n), mask: Rows(3), m: Whole(n), s: Whole(n),
            g: Whole(n)
        ],
        |isa, f, r| {
            mask.iter_mut().for_each(|m| *m = if *m > 0.5 { 0.0 } else { 1.0 });
            batch_normalization::sums(isa, sums, dy, x, m, s, &of);
            batch_normalization::backward_data(isa, dx, dy, x, if n == 0 { &[] } else { mask }, [m, s, s, m], Some(g), true)
        }
    );
    kernel!(all, "gradient of offsets", [db: Whole(n), b: Whole(n), sums: Whole(6 * n)], |isa, f, r| {
        stored(b, db, |out| batch_normalization::backward_param(isa, out, sums, true))
    });
}

/// Spectral norms, and what they add to a gradient.
pub(super) fn spectral(all: &mut Vec<Kernel>, n: usize) {
    for m in [1, 3] {
        kernel!(all, format!("spectral norm of {m} rows"), [u: Whole(n), v: Whole(m), w: Whole(m * n)], |isa, f, r| {
            spectral::norm(isa, u, v, w, 2);
        });
        kernel!(
            all,
            format!("gradient by a spectral norm of {m} rows"),
            [dw: Whole(m * n), w: Whole(m * n), u: Whole(n), v: Whole(m), y: Whole(5 * n), dy: Whole(5 * n)],
            |isa, f, r| stored(w, dw, |out| spectral::backward_kernel(isa, out, 2.0, [u, v], y, dy))
        );
    }
}

/// Kernels with several operands.
pub(super) fn several(all: &mut Vec<Kernel>, n: usize) {
    kernel!(all, "sum", [y: Rows(n), a: Rows(n), b: Rows(n), c: Rows(n)], |isa, f, r| add::forward(isa, y, &[a, b, c]));
    for kind in [Merge::Subtract, Merge::Multiply, Merge::Average, Merge::Maximum, Merge::Minimum] {
        kernel!(all, format!("{kind:?}"), [y: Rows(n), a: Rows(n), b: Rows(n)], |isa, f, r| {
            merge::forward(isa, y, &[a, b], kind)
        });
    }
    for acc in [false, true] {
        kernel!(all, format!("sum backward, {acc}"), [dx: Rows(n), dy: Rows(n)], |isa, f, r| {
            add::backward(isa, dx, dy, acc)
        });
        for kind in [Merge::Subtract, Merge::Multiply, Merge::Average, Merge::Maximum, Merge::Minimum] {
            let name = format!("{kind:?} backward, {acc}");
            kernel!(all, name, [dx: Rows(n), dy: Rows(n), a: Rows(n), b: Rows(n)], |isa, f, r| {
                merge::backward(isa, dx, dy, &[a, b], 1, 2, kind, acc)
            });
        }
        kernel!(all, format!("part, {acc}"), [dx: Rows(n), dy: Rows(n + 3)], |isa, f, r| {
            concatenate::backward(isa, dx, dy, 2, n, n + 3, acc)
        });
        kernel!(all, format!("glu backward, {acc}"), [dx: Rows(2 * n), dy: Rows(n), x: Rows(2 * n)], |isa, f, r| {
            glu::backward(isa, dx, dy, x, n, acc)
        });
    }
    kernel!(all, "cast", [y: Rows(n), x: Rows(n)], |isa, f, r| cast::forward(y, x));
    kernel!(all, "cast of integers", [y: Rows(n), x: Labels(n, 9)], |isa, f, r| cast::forward(y, labels(x)));
    kernel!(all, "mask", [m: Rows(2), x: Rows(2 * n)], |isa, f, r| mask::not_equal(isa, m, x, n, 0.0));
    for acc in [false, true] {
        kernel!(all, format!("masked, {acc}"), [y: Rows(2 * n), x: Rows(2 * n), m: Rows(2)], |isa, f, r| {
            m.iter_mut().step_by(2).for_each(|m| *m = 0.0);
            mask::backward(isa, y, x, m, n, acc, acc);
            mask::backward(isa, y, x, m, n, !acc, true);
            mask::forward(isa, y, x, m, n, 1.0)
        });
    }
    kernel!(all, "selected", [y: Rows(2 * n), a: Rows(2 * n), b: Rows(2 * n), m: Rows(2)], |isa, f, r| {
        mask::select(isa, y, a, b, m, n)
    });
    for (m, k) in [(2, n), (n, 2)] {
        let scratch = Scratch(dense_scratch(k, 3));
        kernel!(all, "dot", [y: Rows(m * 3), a: Rows(m * k), b: Rows(3 * k), tmp: scratch], |isa, f, r| {
            dot::forward(isa, y, a, b, r, m, 3, k, tmp)
        });
        for acc in [false, true] {
            kernel!(all, "dot backward a", [da: Rows(m * k), dy: Rows(m * 3), b: Rows(3 * k), tmp: scratch], |isa, f, r| {
                dot::backward_a(isa, da, dy, b, r, m, 3, k, acc, tmp)
            });
            kernel!(all, "dot backward b", [db: Rows(3 * k), dy: Rows(m * 3), a: Rows(m * k), tmp: scratch], |isa, f, r| {
                dot::backward_b(isa, db, dy, a, r, m, 3, k, acc, tmp)
            });
        }
    }
    kernel!(all, "parts", [y: Rows(n + 3), a: Rows(n), b: Rows(3)], |isa, f, r| {
        concatenate::forward(isa, y, &[a, b], &[n, 3])
    });
    kernel!(all, "glu", [y: Rows(n), x: Rows(2 * n)], |isa, f, r| glu::forward(isa, y, x, n));
    if n == 0 {
        return;
    }
    kernel!(all, "embedding", [y: Rows(2 * n), x: Rows(2), w: Whole(3 * n)], |isa, f, r| {
        x.iter_mut().for_each(|x| *x = (*x * 4.0).abs());
        embedding::forward(isa, y, x, w, n)
    });
    kernel!(all, "embedding backward", [dw: Whole(3 * n), w: Whole(3 * n), x: Whole(4), dy: Whole(4 * n)], |isa, f, r| {
        x.iter_mut().for_each(|x| *x = (*x * 4.0).abs());
        stored(w, dw, |out| embedding::backward(isa, out, x, dy, n))
    });
    // A zero on either side of a row, and a transpose.
    let plain = Axis { len: n, from: n, stride: 1, before: 0, skip: 0, repeat: 1 };
    let padded = vec![Axis { len: n + 2, before: 1, ..plain }];
    let transposed = vec![Axis { len: 3, from: 3, ..plain }, Axis { stride: 3, ..plain }];
    for (axes, len, out) in [(padded, n, n + 2), (transposed, 3 * n, 3 * n)] {
        let back = axes.clone();
        kernel!(all, "gather", [y: Rows(out), x: Rows(len)], |isa, f, r| gather::forward(isa, y, x, len, &axes));
        kernel!(all, "scatter", [dx: Rows(len), dy: Rows(out)], |isa, f, r| {
            gather::backward(isa, dx, dy, len, &back, true)
        });
    }
    // Few elements at each of `n` positions, and `n` at each of a few.
    for (n, inner) in [(n, 1), (n, 3), (3, n)] {
        type Of = interpolate::Weights<3>;
        for (method, weights) in [(Method::Bilinear, Of::BILINEAR), (Method::Lanczos3, Of::LANCZOS3)] {
            let of = Along { n, size: 3, inner, method, weights };
            let len = n * inner;
            kernel!(all, "interpolation", [y: Rows(3 * len), x: Rows(len)], |isa, f, r| {
                interpolate::forward(isa, y, x, &of)
            });
            for acc in [false, true] {
                kernel!(all, format!("interpolation backward, {acc}"), [dx: Rows(len), dy: Rows(3 * len)], |isa, f, r| {
                    interpolate::backward(isa, dx, dy, &of, acc)
                });
            }
        }
    }
    kernel!(
        all,
        "cross-entropy",
        [dz: Rows(n), loss: Rows(1), z: Rows(n), p: Rows(n), t: Rows(n), scale: Rows(1)],
        |isa, f, r| crossentropy::softmax(isa, dz, z, p, t, scale, loss, n)
    );
    kernel!(
        all,
        "sparse cross-entropy",
        [dz: Rows(n), loss: Rows(1), z: Rows(n), p: Rows(n), t: Labels(1, n), scale: Rows(1)],
        |isa, f, r| crossentropy::sparse(isa, dz, z, p, labels(t), scale, loss, n)
    );
}
