//! Products, and updates of weights.

use super::{Kernel, Rows, Scratch, Whole, stored};
use keras_kernels::activation::Act;
use keras_kernels::gemm::{Factor, gemm, gemm_scratch};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{adam, bias, dense, einsum, prelu, sgd, ternary};
use keras_shapes::plan::{dense_scratch, ternary_scratch};

/// Products of groups, whose kernels lie in each of the ways, and a bias.
pub(super) fn einsum(all: &mut Vec<Kernel>, n: usize) {
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

/// What training does with weights; a row is some of them.
pub(super) fn updates(all: &mut Vec<Kernel>, n: usize) {
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
pub(super) fn products(all: &mut Vec<Kernel>, n: usize) {
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

/// Products with ternary kernels, and what their means add to a gradient.
pub(super) fn ternary_products(all: &mut Vec<Kernel>, n: usize) {
    for k in [0, 1, 5] {
        let (scratch, rule) = (ternary_scratch(k, n), ternary::Rule { threshold: 0.4, factor: 0.7 });
        kernel!(
            all,
            format!("ternary product of {k} features"),
            [y: Rows(n), x: Rows(k), w: Whole(k * n), tmp: Scratch(scratch)],
            |isa, f, r| ternary::forward(isa, y, x, w, rule, r, k, n, tmp)
        );
        for acc in [false, true] {
            kernel!(
                all,
                format!("ternary product backward to {k} features, {acc}"),
                [dx: Rows(k), dy: Rows(n), w: Whole(k * n), tmp: Scratch(scratch)],
                |isa, f, r| ternary::backward_data(isa, dx, dy, w, rule, r, k, n, acc, tmp)
            );
        }
    }
    kernel!(all, "mean magnitude", [mean: Whole(1), w: Whole(n)], |isa, f, r| mean[0] = ternary::mean(isa, w));
    kernel!(
        all,
        "gradient through a mean magnitude",
        [dw: Whole(n), w: Whole(n), y: Whole(5 * n), dz: Whole(5 * n)],
        |isa, f, r| stored(w, dw, |out| ternary::backward_mean(isa, out, 0.5, y, dz))
    );
}
