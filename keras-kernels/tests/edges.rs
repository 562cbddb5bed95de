//! Every kernel at the edges of its operands: sizes of 0 and 1, floats that begin anywhere, forbidden pages on either
//! side. The bits are the same wherever the operands lie, and however their rows are shared out over calls.
//!
//! A kernel is a line or two in [`kernels`].
#![cfg(unix)]

mod common;

use common::fence::{Fenced, Side};
use common::{Guarded, Random};
use keras_kernels::activation::{self, Act, Saves};
use keras_kernels::conv::{self, Geometry, Windows};
use keras_kernels::conv_recurrent::{self, ConvRecurrent};
use keras_kernels::dropout::{self, Key};
use keras_kernels::gather::{self, Axis};
use keras_kernels::gemm::{Factor, gemm, gemm_scratch};
use keras_kernels::interpolate::{self, Along, Method};
use keras_kernels::memory::{Out, Sink, Use};
use keras_kernels::merge::{self, Merge};
use keras_kernels::noise::{self, Noise};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::pool::{self, Pool};
use keras_kernels::recurrent::{self, Cell, Given, Recurrent, Saved, Weights};
use keras_kernels::round::{self, Precision};
use keras_kernels::shaped_dropout::{self, Mask};
use keras_kernels::{
    Isa, adam, add, attention, batch_normalization, bias, cast, concatenate, conv_transpose, crossentropy, dense, dot,
    einsum, embedding, glu, log_softmax, mask, normalization, prelu, sgd, softmax, sparsemax, spectral,
    unit_normalization,
};
use keras_shapes::plan::{attention_scratch, conv_recurrent_scratch, dense_scratch, masked_recurrent_scratch};
use keras_shapes::windows::{conv_scratch, pooled_scratch, pools as pools_of_convolutions};

/// Floats that a kernel gets.
#[derive(Clone, Copy, PartialEq)]
enum Operand {
    /// So many for each row.
    Rows(usize),
    /// Class numbers below `.1`, so many for each row.
    Labels(usize, usize),
    /// So many, whatever the number of rows.
    Whole(usize),
    /// Scratch, whose contents mean nothing afterwards.
    Scratch(usize),
}

use Operand::{Labels, Rows, Scratch, Whole};

impl Operand {
    fn len(self, rows: usize) -> usize {
        match self {
            Rows(len) | Labels(len, _) => len * rows,
            Whole(len) | Scratch(len) => len,
        }
    }

    fn values(self, random: &mut Random, rows: usize) -> Vec<f32> {
        let floats = random.floats(self.len(rows));
        match self {
            Labels(_, classes) => floats.iter().map(|_| f32::from_bits(random.below(classes) as u32)).collect(),
            _ => floats,
        }
    }
}

/// The rows of a call: the first one's number in the batch, and how many there are.
type Call = Box<dyn Fn(Isa, usize, usize, &mut [&mut [f32]])>;

/// A kernel with the sizes that it is called with.
struct Kernel {
    name: String,
    operands: Vec<Operand>,
    call: Call,
}

/// `kernel!(list, name, [operand: Rows(n), …], |isa, first, rows| call)`; the call sees each operand as `&mut [f32]`.
macro_rules! kernel {
    (
        $list:expr, $name:expr, [$($operand:ident: $kind:expr),*],
        |$isa:ident, $first:ident, $rows:ident| $body:expr
    ) => {
        $list.push(Kernel {
            name: $name.to_string(),
            operands: vec![$($kind),*],
            call: Box::new(move |$isa, $first, $rows, operands| {
                let _ = ($isa, $first, $rows);
                let [$($operand),*] = operands else { unreachable!() };
                $(let $operand: &mut [f32] = $operand;)*
                $body;
            }),
        })
    };
}

/// Floats as what they were made of.
fn labels(x: &[f32]) -> &[u32] {
    // SAFETY: both kinds of number are four bytes of any bits.
    unsafe { std::slice::from_raw_parts(x.as_ptr().cast(), x.len()) }
}

/// Calls `f` with where the gradient of `w` goes.
fn stored(w: &mut [f32], dw: &mut [f32], f: impl FnOnce(Out<'_>)) {
    let len = w.len();
    let mut sink = Sink::store(w, dw, &[]);
    if let Some(out) = sink.param(0, 0, len, Use::Only) {
        f(out);
    }
}

type Forward = fn(Isa, &mut [f32], Option<&[f32]>, usize);
type Backward = fn(Isa, &mut [f32], Option<&[f32]>, &[f32], usize, bool);

/// Kernels that work on elements or rows of `n`, that can work in place, and whose gradient can be added.
fn in_place(all: &mut Vec<Kernel>, n: usize) {
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
    for act in common::acts::ACTS {
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
fn normalizations(all: &mut Vec<Kernel>, n: usize) {
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

/// Attention of four heads that share two of keys and values, of `n` features, to three keys each.
fn attention(all: &mut Vec<Kernel>, n: usize) {
    use attention::{Learnt, Masked, mix, weights};
    for (causal, window, none, additive) in [(false, 0, false, false), (true, 2, true, true), (false, 0, false, true)] {
        let (queries, keys, heads, kv_heads, scale) = (2, 3, 4, 2, 0.5);
        let (depth, width) = (n, n);
        let sizes =
            attention::Heads { queries, keys, heads, kv_heads, depth, width, additive, scale, causal, window, none };
        let (q, kv, scratch) = (queries * heads * n, keys * kv_heads * n, attention_scratch(keys, n, n));
        let pairs = heads * queries * keys;
        let mask = |m: &mut [f32]| m.iter_mut().for_each(|m| *m = if *m > 0.25 { 0.0 } else { 1.0 });
        kernel!(
            all,
            format!("attention, {causal}, {additive}"),
            [
                y: Rows(q), q: Rows(q), k: Rows(kv), v: Rows(kv), m: Rows(keys), both: Rows(pairs), factor: Whole(1),
                tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let key = Key { seed: 5, step: 3, stream: 1 };
                let dropped = Some(attention::Dropped { rate: 0.25, key, first });
                mask(m);
                mask(both);
                let masked = if n == 0 { Masked::NONE } else { Masked { queries: &[], keys: m, pairs: both } };
                let learnt = Learnt { scores: factor, inner: &[] };
                attention::forward(isa, y, [q, k, v], masked, learnt, dropped, &sizes, tmp)
            }
        );
        kernel!(
            all,
            format!("attention backward, {causal}, {additive}"),
            [
                dq: Rows(q), dk: Rows(kv), dv: Rows(kv), dscores: Rows(if additive { n } else { 0 }), dy: Rows(q),
                q: Rows(q), k: Rows(kv), v: Rows(kv), m: Rows(queries), factors: Whole(if additive { n } else { 0 }),
                inner: Whole(1), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                mask(m);
                let masked = Masked { queries: if n == 0 { &[] } else { m }, keys: &[], pairs: &[] };
                let gradients = [dq, dk, dv, dscores, &mut []];
                let learnt = Learnt { scores: factors, inner: if additive { inner } else { &[] } };
                attention::backward(isa, gradients, dy, [q, k, v], masked, learnt, None, &sizes, tmp)
            }
        );
        if n == 0 {
            continue;
        }
        kernel!(
            all,
            format!("weights of attention, {causal}, {additive}"),
            [p: Rows(pairs), q: Rows(q), k: Rows(kv), both: Rows(queries * keys), tmp: Scratch(scratch)],
            |isa, f, r| {
                mask(both);
                let masked = Masked { queries: &[], keys: &[], pairs: both };
                weights::forward(isa, p, [q, k], masked, Learnt::NONE, &sizes, tmp)
            }
        );
        kernel!(
            all,
            format!("weights of attention backward, {causal}, {additive}"),
            [
                dq: Rows(q), dk: Rows(kv), dscores: Rows(1), dp: Rows(pairs), p: Rows(pairs), q: Rows(q), k: Rows(kv),
                factor: Whole(1), tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                let learnt = Learnt { scores: factor, inner: &[] };
                let gradients = [dq, dk, dscores, &mut []];
                weights::backward(isa, gradients, dp, p, [q, k], Masked::NONE, learnt, &sizes, tmp)
            }
        );
        if additive {
            continue;
        }
        kernel!(
            all,
            format!("mix of attention, {causal}"),
            [y: Rows(q), p: Rows(pairs), v: Rows(kv), tmp: Scratch(scratch)],
            |isa, f, r| mix::forward(isa, y, p, v, &sizes, tmp)
        );
        kernel!(
            all,
            format!("mix of attention backward, {causal}"),
            [dp: Rows(pairs), dv: Rows(kv), dy: Rows(q), p: Rows(pairs), v: Rows(kv), tmp: Scratch(scratch)],
            |isa, f, r| {
                mix::backward_weights(isa, dp, dy, v, causal, &sizes, tmp);
                mix::backward_values(isa, dv, dy, p, causal, &sizes, tmp)
            }
        );
    }
}

/// Products of groups, whose kernels lie in each of the ways, and a bias.
fn einsum(all: &mut Vec<Kernel>, n: usize) {
    for (groups, strides) in [(3, [2 * n, n, 1]), (3, [n, 3 * n, 1]), (3, [2 * n, 1, 2]), (1, [2 * n, 1, 2])] {
        let (of, tmp_len) = (einsum::Groups { groups, k: 2, n, strides }, dense_scratch(2, n));
        let (x, y, w) = (2 * groups, n * groups, of.weights());
        kernel!(
            all,
            format!("products of groups, {groups}, {strides:?}"),
            [y: Rows(y), dx: Rows(x), x: Rows(x), w: Whole(w), tmp: Scratch(tmp_len)],
            |isa, f, r| {
                einsum::forward(isa, y, x, w, r, &of, tmp);
                einsum::backward_data(isa, dx, y, w, r, &of, groups == 1, tmp);
            }
        );
        kernel!(
            all,
            format!("gradient of kernels of groups, {groups}, {strides:?}"),
            [dw: Whole(w), w: Whole(w), x: Whole(5 * x), dy: Whole(5 * y), tmp: Scratch(tmp_len)],
            |isa, f, r| stored(w, dw, |out| einsum::backward_kernel(isa, out, x, dy, 5, &of, tmp))
        );
    }
    kernel!(all, "bias", [y: Rows(n), x: Rows(n), b: Whole(n)], |isa, f, r| bias::forward(isa, y, x, b));
    kernel!(all, "bias of two rows", [y: Rows(2 * n), x: Rows(2 * n), b: Whole(n)], |isa, f, r| {
        bias::forward(isa, y, x, b)
    });
}

/// Spectral norms, and what they add to a gradient.
fn spectral(all: &mut Vec<Kernel>, n: usize) {
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
fn several(all: &mut Vec<Kernel>, n: usize) {
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

/// What training does with weights; a row is some of them.
fn updates(all: &mut Vec<Kernel>, n: usize) {
    kernel!(all, "SGD", [w: Rows(n), g: Rows(n)], |isa, f, r| sgd::update(isa, w, g, &mut [], 0.1, 0.0, false, 0.01));
    for nesterov in [false, true] {
        kernel!(all, "SGD with momentum", [w: Rows(n), m: Rows(n), g: Rows(n)], |isa, f, r| {
            sgd::update(isa, w, g, m, 0.1, 0.9, nesterov, 0.01)
        });
    }
    kernel!(all, "Adam", [w: Rows(n), m: Rows(n), v: Rows(n), g: Rows(n)], |isa, f, r| {
        v.iter_mut().for_each(|v| *v = v.abs());
        adam::update(isa, w, g, m, v, &mut [], 0.1, 0.9, 0.99, 1e-7, 0.01)
    });
    kernel!(all, "AMSGrad", [w: Rows(n), m: Rows(n), v: Rows(n), vhat: Rows(n), g: Rows(n)], |isa, f, r| {
        v.iter_mut().for_each(|v| *v = v.abs());
        adam::update(isa, w, g, m, v, vhat, 0.1, 0.9, 0.99, 1e-7, 0.01)
    });
    let p = Penalty { l1: 0.25, l2: 0.5 };
    kernel!(all, "penalty on activities", [dx: Rows(n), x: Rows(n)], |isa, f, r| {
        penalty::activity_backward(isa, dx, x, p, 0.125)
    });
    kernel!(all, "penalty", [value: Whole(1), w: Whole(n)], |isa, f, r| value[0] = penalty::value(isa, w, p));
    kernel!(all, "penalty on weights", [dw: Whole(n), w: Whole(n)], |isa, f, r| {
        stored(w, dw, |out| penalty::backward(isa, out, p))
    });
    kernel!(all, "slopes", [da: Whole(n), a: Whole(n), x: Whole(6 * n), dy: Whole(6 * n)], |isa, f, r| {
        let dims = [prelu::Dim { len: 2, shared: true }, prelu::Dim { len: n, shared: false }];
        stored(a, da, |out| prelu::backward_alpha(isa, out, x, dy, &dims))
    });
}

/// Products, `n` wide and `n` deep.
fn products(all: &mut Vec<Kernel>, n: usize) {
    for (k, n) in [(n, 5), (5, n)] {
        let scratch = dense_scratch(k, n);
        kernel!(
            all,
            "dense",
            [y: Rows(n), x: Rows(k), w: Whole(k * n), b: Whole(n), tmp: Scratch(scratch)],
            |isa, f, rows| dense::forward(isa, y, x, w, Some(b), Act::Tanh, rows, k, n, tmp)
        );
        for acc in [false, true] {
            kernel!(
                all,
                "dense backward",
                [dx: Rows(k), dy: Rows(n), w: Whole(k * n), tmp: Scratch(scratch)],
                |isa, f, rows| dense::backward_data(isa, dx, dy, w, rows, k, n, acc, tmp)
            );
        }
        let m = 3;
        kernel!(
            all,
            "gradient of a kernel",
            [dw: Whole(k * n), w: Whole(k * n), x: Whole(m * k), dy: Whole(m * n), tmp: Scratch(scratch)],
            |isa, f, r| stored(w, dw, |out| dense::backward_kernel(isa, out, x, dy, m, k, n, tmp))
        );
        kernel!(all, "gradient of a bias", [db: Whole(n), b: Whole(n), dy: Whole(m * n)], |isa, f, r| {
            stored(b, db, |out| dense::backward_bias(isa, out, dy, m, n))
        });
        let scratch = gemm_scratch(m, n, k).max(64 * k.min(512));
        kernel!(
            all,
            "product",
            [c: Whole(m * n), a: Whole(m * k), b: Whole(k * n), tmp: Scratch(scratch)],
            |isa, f, r| gemm(isa, c, Factor::Plain(a), Factor::Transposed(b), m, n, k, true, tmp)
        );
    }
}

/// Recurrent layers of `n` units.
fn cells(all: &mut Vec<Kernel>, n: usize) {
    let each = |cell, dropout, act| Recurrent {
        cell,
        steps: 2,
        k: 3,
        units: n,
        act,
        recurrent_act: Act::Sigmoid,
        backwards: dropout,
        output: recurrent::Output::Sequence,
        states: true,
        zero_masked: false,
        inputs: if dropout && cell != Cell::Simple { cell.gates() } else { 1 },
        dropout,
    };
    let all_cells = [Cell::Simple, Cell::Lstm, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }];
    for (cell, dropout) in all_cells.into_iter().flat_map(|cell| [(cell, false), (cell, true)]) {
        let l = each(cell, dropout, if dropout { Act::Gelu } else { Act::Tanh });
        let (x, scratch) = (2 * l.inputs * l.k, masked_recurrent_scratch(l.k, n, l.n()));
        let biases = if cell == (Cell::Gru { reset_after: true }) { 2 * l.n() } else { l.n() };
        let name = format!("{cell:?}, {dropout}");
        kernel!(
            all,
            name,
            [
                y: Rows(l.y_len()), dx: Rows(x), x: Rows(x), mask: Rows(2), dy: Rows(l.y_len()),
                gates: Rows(l.gates_len()), a: Rows(l.a_len()), aux: Rows(l.aux_len()), pre: Rows(l.pre_len()),
                h: Rows(l.h_len()), drop: Rows(l.drop_len()), state: Rows(l.state_len()), sums: Rows(l.sums_len()), work: Rows(l.work_len()),
                w: Whole(l.k * l.n()), u: Whole(n * l.n()), b: Whole(biases), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let weights = Weights { kernel: w, recurrent: u, bias: Some(b) };
                let key = Key { seed: 5, step: 3, stream: 1 };
                recurrent::draw(isa, drop, 0.5, Some(key), (first * l.drop_len()) as u64);
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
                let given = Given { mask: Some(mask), ..Given::default() };
                recurrent::forward(isa, &l, y, x, given, weights, &mut saved, tmp);
                recurrent::backward(isa, &l, dy, Some(mask), weights, &mut saved, tmp);
                recurrent::backward_data(isa, &l, dx, saved.gates, Some(mask), w, false, tmp);
                // Room for a step, where rows that count lie side by side.
                saved.sums.fill(0.0);
                saved.work.fill(0.0);
            }
        );
        let (a, gates, x, aux) = (3 * l.a_len(), 3 * l.gates_len(), 3 * x, 3 * l.aux_len());
        kernel!(
            all,
            format!("gradients of {cell:?}, {dropout}"),
            [
                dw: Whole(l.k * l.n()), w: Whole(l.k * l.n()), du: Whole(n * l.n()), u: Whole(n * l.n()),
                db: Whole(biases), b: Whole(biases), x: Whole(x), a: Whole(a), gates: Whole(gates), aux: Whole(aux), mask: Whole(6),
                tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                stored(w, dw, |out| recurrent::backward_kernel(isa, out, &l, x, gates, Some(mask), tmp));
                stored(u, du, |out| recurrent::backward_recurrent(isa, out, &l, a, gates, aux, Some(mask), tmp));
                stored(b, db, |out| recurrent::backward_bias(isa, out, &l, gates, aux))
            }
        );
    }
}

/// An LSTM over two steps of two by three positions, with and without dropout.
fn convolved_cells(all: &mut Vec<Kernel>, n: usize) {
    let windows =
        Windows { n: [1, 2, 4], k: [1, 1, 2], stride: [1; 3], dilation: [1; 3], before: [0; 3], out: [1, 2, 3] };
    for dropout in [false, true] {
        let cell = Recurrent {
            cell: Cell::Lstm,
            steps: 2,
            k: 3,
            units: n,
            act: if dropout { Act::Gelu } else { Act::Tanh },
            recurrent_act: Act::Sigmoid,
            backwards: dropout,
            output: recurrent::Output::Sequence,
            states: true,
            zero_masked: false,
            inputs: if dropout { 4 } else { 1 },
            dropout,
        };
        let parts = cell.inputs;
        let input = Geometry { windows, cin: parts * cell.k, cout: cell.n(), groups: parts };
        let windows = Windows { n: windows.out, ..windows };
        let l =
            ConvRecurrent { cell, input, state: Geometry { windows, cin: parts * n, cout: cell.n(), groups: parts } };
        let [gates, a, aux, pre, h, drop, state, sums, work] = l.lens();
        let (w, u) = (l.input.depth() * l.input.cout, l.state.depth() * l.state.cout);
        let scratch = conv_recurrent_scratch(&l.input, &l.state);
        kernel!(
            all,
            format!("convolved cell, {dropout}"),
            [
                y: Rows(l.y_len()), dx: Rows(l.x_len()), dh: Rows(l.image()), x: Rows(l.x_len()), mask: Rows(2),
                dy: Rows(l.y_len()), gates: Rows(gates), a: Rows(a), aux: Rows(aux), pre: Rows(pre), h: Rows(h),
                drop: Rows(drop), state: Rows(state), sums: Rows(sums), work: Rows(work),
                w: Whole(w), u: Whole(u), b: Whole(l.cell.n()), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let weights = Weights { kernel: w, recurrent: u, bias: Some(b) };
                let key = Key { seed: 5, step: 3, stream: 1 };
                recurrent::draw(isa, drop, 0.5, Some(key), (first * l.drop_len()) as u64);
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
                let given = Given { mask: Some(mask), ..Given::default() };
                conv_recurrent::forward(isa, &l, y, x, given, weights, &mut saved, tmp);
                conv_recurrent::backward(isa, &l, dy, Some(mask), weights, &mut saved, tmp);
                conv_recurrent::backward_data(isa, &l, dx, saved.gates, w, false, tmp);
                conv_recurrent::backward_state(isa, &l, 1, dh, saved.state, false)
            }
        );
        let (a, gates, x) = (3 * a, 3 * gates, 3 * l.x_len());
        kernel!(
            all,
            format!("gradients of a convolved cell, {dropout}"),
            [
                dw: Whole(w), w: Whole(w), du: Whole(u), u: Whole(u), db: Whole(l.cell.n()), b: Whole(l.cell.n()),
                x: Whole(x), a: Whole(a), gates: Whole(gates), tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                stored(w, dw, |out| conv_recurrent::backward_kernel(isa, out, &l, x, gates, tmp));
                stored(u, du, |out| conv_recurrent::backward_recurrent(isa, out, &l, a, gates, tmp));
                stored(b, db, |out| conv_recurrent::backward_bias(isa, out, &l, gates))
            }
        );
    }
}

/// Convolutions of two by five positions with `n` features on either side, and of lines of `n` positions.
fn convolutions(all: &mut Vec<Kernel>, n: usize) {
    let windows =
        Windows { n: [1, 2, 5], k: [1, 2, 3], stride: [1; 3], dilation: [1; 3], before: [0, 0, 1], out: [1, 1, 5] };
    let long = Windows { n: [1, 1, n], k: [1, 1, 2], stride: [1, 1, 2], before: [0; 3], out: [1, 1, n / 2], ..windows };
    let square = Windows { n: [1, 5, 6], k: [1, 3, 3], stride: [1; 3], before: [0; 3], out: [1, 3, 4], ..windows };
    let own = n.max(1);
    for (windows, cin, cout, groups) in [
        (windows, n, 3, 1),
        (windows, 3, n, 1),
        (long, 2, 5, 1),
        (square, 1, n, 1),
        (windows, n, n, own),
        (long, 3, 3, 3),
        (windows, n, 3 * n, own),
    ] {
        let g = Geometry { windows, cin, cout, groups };
        let (x, y, w) = (g.windows.positions() * cin, g.windows.count() * cout, g.depth() * cout);
        let scratch = conv_scratch(&g);
        let k = [1, g.windows.out[1].min(2), 2];
        let out = [0, 1, 2].map(|i| g.windows.out[i] / k[i]);
        let pool = Windows { n: g.windows.out, k, stride: k, dilation: [1; 3], before: [0; 3], out };
        if pools_of_convolutions(&g, &pool) {
            let (y, scratch) = (pool.count() * cout, pooled_scratch(&g, &pool));
            kernel!(
                all,
                format!("convolution and its pool, {g:?}"),
                [y: Rows(y), x: Rows(x), w: Whole(w), b: Whole(cout), tmp: Scratch(scratch)],
                |isa, f, rows| conv::forward_pooled(isa, y, x, w, Some(b), Act::Tanh, rows, &g, &pool, tmp)
            );
        }
        kernel!(
            all,
            format!("convolution, {g:?}"),
            [y: Rows(y), x: Rows(x), w: Whole(w), b: Whole(cout), tmp: Scratch(scratch)],
            |isa, f, rows| conv::forward(isa, y, x, w, Some(b), Act::Tanh, rows, &g, tmp)
        );
        for acc in [false, true] {
            kernel!(
                all,
                format!("convolution backward, {acc}, {g:?}"),
                [dx: Rows(x), dy: Rows(y), w: Whole(w), tmp: Scratch(scratch)],
                |isa, f, rows| conv::backward_data(isa, dx, dy, w, rows, &g, acc, tmp)
            );
        }
        kernel!(
            all,
            format!("transposed convolution, {g:?}"),
            [y: Rows(x), x: Rows(y), w: Whole(w), b: Whole(cin), tmp: Scratch(scratch)],
            |isa, f, rows| conv_transpose::forward(isa, y, x, w, Some(b), Act::Tanh, rows, &g, tmp)
        );
        kernel!(
            all,
            format!("transposed convolution backward, {g:?}"),
            [dx: Rows(y), dy: Rows(x), w: Whole(w), tmp: Scratch(scratch)],
            |isa, f, rows| conv_transpose::backward_data(isa, dx, dy, w, rows, &g, true, tmp)
        );
        let m = 2;
        kernel!(
            all,
            format!("gradient of a convolution's kernel, {g:?}"),
            [dw: Whole(w), w: Whole(w), x: Whole(m * x), dy: Whole(m * y), tmp: Scratch(scratch)],
            |isa, f, r| stored(w, dw, |out| conv::backward_kernel(isa, out, x, dy, m, &g, tmp))
        );
    }
}

/// Pools of two by five positions with `n` features: three by two windows that overlap, and adaptive ones.
fn pools(all: &mut Vec<Kernel>, n: usize) {
    let windows =
        Windows { n: [1, 2, 5], k: [1, 2, 3], stride: [1, 1, 2], dilation: [1; 3], before: [0, 1, 1], out: [1, 3, 2] };
    let adaptive = Windows { stride: [0; 3], before: [0; 3], ..windows };
    for (windows, pool) in [windows, adaptive].into_iter().flat_map(|w| [(w, Pool::Max), (w, Pool::Average)]) {
        kernel!(all, format!("{pool:?} pool"), [y: Rows(6 * n), x: Rows(10 * n)], |isa, f, rows| {
            pool::forward(isa, y, x, pool, rows, n, &windows)
        });
        for acc in [false, true] {
            kernel!(
                all,
                format!("{pool:?} pool backward, {acc}"),
                [dx: Rows(10 * n), dy: Rows(6 * n), x: Rows(10 * n), y: Rows(6 * n)],
                |isa, f, rows| {
                    pool::forward(isa, y, x, pool, rows, n, &windows);
                    pool::backward(isa, dx, dy, x, y, pool, rows, n, &windows, acc)
                }
            );
        }
    }
}

/// All kernels, over rows of `n` elements.
fn kernels(n: usize) -> Vec<Kernel> {
    let mut all = Vec::new();
    in_place(&mut all, n);
    several(&mut all, n);
    normalizations(&mut all, n);
    attention(&mut all, n);
    einsum(&mut all, n);
    spectral(&mut all, n);
    updates(&mut all, n);
    products(&mut all, n);
    if (1..=65).contains(&n) {
        cells(&mut all, n);
        convolved_cells(&mut all, n);
    }
    convolutions(&mut all, n);
    pools(&mut all, n);
    all
}

/// Sizes of rows around those of vectors, of blocks of vectors, and where kernels change their way.
const WIDTHS: [usize; 15] = [0, 1, 2, 3, 10, 15, 16, 17, 23, 24, 33, 63, 64, 65, 130];
const ROWS: [usize; 5] = [0, 1, 2, 5, 9];

impl Kernel {
    fn values(&self, rows: usize) -> Vec<Vec<f32>> {
        let mut random = Random::new(31 + rows as u64);
        self.operands.iter().map(|operand| operand.values(&mut random, rows)).collect()
    }

    fn run(&self, isa: Isa, first: usize, rows: usize, mut operands: Vec<&mut [f32]>) {
        (self.call)(isa, first, rows, &mut operands);
    }

    /// What the operands are after a call, in vectors of their own.
    fn expected(&self, isa: Isa, values: &[Vec<f32>], rows: usize) -> Vec<Vec<f32>> {
        let mut expected = values.to_vec();
        self.run(isa, 0, rows, expected.iter_mut().map(|x| &mut x[..]).collect());
        expected
    }

    /// Asserts that an operand has these bits, or NaN for NaN.
    fn same(&self, how: &str, isa: Isa, operand: usize, got: &[f32], expected: &[f32]) {
        if matches!(self.operands[operand], Scratch(_)) {
            return;
        }
        for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{isa:?} {}, {how}: element {i} of operand {operand} is {got}, not {expected}", self.name);
        }
    }
}

/// Calls `f` with every kernel, number of rows and instruction set, and what is to come out.
fn each(mut f: impl FnMut(&Kernel, Isa, usize, &[Vec<f32>], &[Vec<f32>])) {
    for kernel in WIDTHS.into_iter().flat_map(kernels) {
        let by_rows = kernel.operands.iter().any(|operand| matches!(operand, Rows(_)));
        for rows in if by_rows { &ROWS[..] } else { &[1] } {
            let values = kernel.values(*rows);
            for isa in Isa::available() {
                let expected = kernel.expected(isa, &values, *rows);
                f(&kernel, isa, *rows, &values, &expected);
            }
        }
    }
}

#[test]
fn nothing_beyond_the_operands_is_touched() {
    each(|kernel, isa, rows, values, expected| {
        for side in [Side::Before, Side::Behind] {
            let mut fenced: Vec<Fenced> = values.iter().map(|values| Fenced::new(values, side)).collect();
            kernel.run(isa, 0, rows, fenced.iter_mut().map(Fenced::get_mut).collect());
            for (i, fenced) in fenced.iter().enumerate() {
                kernel.same("between pages", isa, i, fenced.get(), &expected[i]);
            }
        }
    });
}

#[test]
fn operands_may_begin_anywhere() {
    each(|kernel, isa, rows, values, expected| {
        for shift in 1..4 {
            let guarded = values.iter().enumerate().map(|(i, values)| Guarded::new(values, (i + 1) * shift));
            let mut guarded: Vec<Guarded> = guarded.collect();
            kernel.run(isa, 0, rows, guarded.iter_mut().map(Guarded::get_mut).collect());
            for (i, guarded) in guarded.iter().enumerate() {
                kernel.same("moved", isa, i, guarded.get(), &expected[i]);
            }
        }
    });
}

#[test]
fn bits_do_not_depend_on_the_rows_of_a_call() {
    each(|kernel, isa, rows, values, expected| {
        if rows < 2 {
            return;
        }
        for each in [1, 2, 4] {
            let mut split = values.to_vec();
            for first in (0..rows).step_by(each) {
                let count = each.min(rows - first);
                let part = |(operand, x): (&Operand, &'_ mut Vec<f32>)| {
                    let at = match operand {
                        Rows(len) | Labels(len, _) => first * len..(first + count) * len,
                        Whole(len) | Scratch(len) => 0..*len,
                    };
                    // SAFETY: each vector gives one slice of itself, for this call.
                    unsafe { std::slice::from_raw_parts_mut(x[at.clone()].as_mut_ptr(), at.len()) }
                };
                let operands = kernel.operands.iter().zip(&mut split).map(part).collect();
                kernel.run(isa, first, count, operands);
            }
            for (i, split) in split.iter().enumerate() {
                kernel.same(&format!("{each} of {rows} rows"), isa, i, split, &expected[i]);
            }
        }
    });
}

/// A folder of `src` with a kernel in it is named here.
#[test]
fn every_kernel_is_listed() {
    let listed = include_str!("edges.rs");
    let others = ["ad", "lanes", "math", "memory", "philox", "steps"];
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("sources") {
        let path = entry.expect("sources").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_string();
        if path.is_dir() && !others.contains(&name.as_str()) {
            let call = if name == "gemm" { "gemm(".to_string() } else { format!("{name}::") };
            assert!(listed.matches(&call).count() > 1, "{name} is not among the kernels");
        }
    }
}
