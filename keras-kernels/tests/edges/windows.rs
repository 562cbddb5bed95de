//! Convolutions and pools.

use super::{Kernel, Rows, Scratch, Whole, stored};
use keras_kernels::activation::Act;
use keras_kernels::conv::{self, Geometry, Windows};
use keras_kernels::conv_transpose;
use keras_kernels::pool::{self, Pool};
use keras_shapes::windows::{conv_scratch, pooled_scratch, pools as pools_of_convolutions};

/// Convolutions of two by five positions with `n` features on either side, and of lines of `n` positions.
pub(super) fn convolutions(all: &mut Vec<Kernel>, n: usize) {
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
pub(super) fn pools(all: &mut Vec<Kernel>, n: usize) {
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
