//! `gradient!`: gradients against central differences of the function itself, in `f64`, and against derivatives that were
//! worked out by hand.
#![forbid(unsafe_code)]

use keras::gradient;

mod second;

/// Checks a gradient of `f` by central differences at the numbers `p`.
fn check(name: &str, p: &[f64], gradient: &[f64], f: impl Fn(&[f64]) -> f64) {
    assert_eq!(p.len(), gradient.len());
    let mut at = p.to_vec();
    for i in 0..p.len() {
        let step = 1e-6 * p[i].abs().max(1.0);
        at[i] = p[i] + step;
        let above = f(&at);
        at[i] = p[i] - step;
        let below = f(&at);
        at[i] = p[i];
        let expected = (above - below) / (2.0 * step);
        let error = (gradient[i] - expected).abs();
        assert!(error <= 1e-7 * expected.abs().max(1.0), "{name}[{i}]: {} instead of {expected}", gradient[i]);
    }
}

/// Numbers without a pattern, between -1 and 1.
fn numbers<const N: usize>(seed: u64) -> [f64; N] {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    core::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

fn matrix<const M: usize, const N: usize>(seed: u64) -> [[f64; N]; M] {
    core::array::from_fn(|m| numbers(seed * 100 + m as u64 + 1))
}

fn rows<const M: usize, const N: usize>(p: &[f64]) -> [[f64; N]; M] {
    core::array::from_fn(|m| core::array::from_fn(|n| p[m * N + n]))
}

fn row<const N: usize>(p: &[f64]) -> [f64; N] {
    core::array::from_fn(|n| p[n])
}

mod linear {
    use super::*;

    gradient! {
        fn dense(w: [[f64; 3]; 4], b: [f64; 3]; x: [f64; 4], y: [f64; 3]) -> f64 {
            let out = x.matmul(w) + b;
            (out - y).square().sum()
        }
    }

    #[test]
    fn the_derivative_of_a_linear_fit() {
        let (w, b, x, y) = (matrix::<4, 3>(1), numbers::<3>(2), numbers::<4>(3), numbers::<3>(4));
        let (value, (dw, db)) = dense_grad(&w, &b, &x, &y);
        assert_eq!(value, dense(w, b, x, y));
        // d/db = 2 (xW + b - y), d/dW = xᵗ that.
        for n in 0..3 {
            let out: f64 = (0..4).map(|k| x[k] * w[k][n]).sum::<f64>() + b[n];
            let expected = 2.0 * (out - y[n]);
            assert!((db[n] - expected).abs() < 1e-12);
            for k in 0..4 {
                assert!((dw[k][n] - x[k] * expected).abs() < 1e-12);
            }
        }
    }

    gradient! {
        fn products(a: [[f64; 3]; 2], b: [[f64; 4]; 3], v: [f64; 3]; u: [f64; 2]) -> f64 {
            let c = a.matmul(b);
            let s = dot(a, v);
            c.transpose().matmul(u).square().sum() + s.dot(u) * dot(v, v) + dot(u, c).sin().sum()
        }
    }

    #[test]
    fn all_kinds_of_products() {
        let (a, b, v, u) = (matrix::<2, 3>(1), matrix::<3, 4>(2), numbers::<3>(3), numbers::<2>(4));
        let (_, (da, db, dv)) = products_grad(&a, &b, &v, &u);
        check("a", a.as_flattened(), da.as_flattened(), |p| products(rows(p), b, v, u));
        check("b", b.as_flattened(), db.as_flattened(), |p| products(a, rows(p), v, u));
        check("v", &v, &dv, |p| products(a, b, row(p), u));
    }

    gradient! {
        fn broadcasts(s: f64, r: [f64; 3], c: [[f64; 1]; 2], m: [[f64; 3]; 2]) -> f64 {
            let t = (m + r) * c - s / (m.square() + 1.5);
            (t * s + 2.0 - r * s).sin().sum() + (c + r).exp().mean() - (m.sum(0) * r).sum() + m.mean(1).square().sum()
        }
    }

    #[test]
    fn shapes_are_broadcast() {
        let (s, r, c, m) = (0.7, numbers::<3>(1), matrix::<2, 1>(2), matrix::<2, 3>(3));
        let (_, (ds, dr, dc, dm)) = broadcasts_grad(&s, &r, &c, &m);
        check("s", &[s], &[ds], |p| broadcasts(p[0], r, c, m));
        check("r", &r, &dr, |p| broadcasts(s, row(p), c, m));
        check("c", c.as_flattened(), dc.as_flattened(), |p| broadcasts(s, r, rows(p), m));
        check("m", m.as_flattened(), dm.as_flattened(), |p| broadcasts(s, r, c, rows(p)));
    }
}

mod elementwise {
    use super::*;

    macro_rules! each {
        ($($name:ident: $x:ident => $f:expr, $at:expr, $expected:expr;)*) => {
            gradient_of! { $($name, $x, $f;)* }

            #[test]
            fn every_function_and_its_slope() {
                $({
                    // The value by the formula, then the slope by differences, on both sides of each kink.
                    for (x, expected) in $at.into_iter().zip($expected) {
                        let found = $name(x);
                        let expected: f64 = expected;
                        assert!((found - expected).abs() < 1e-12, "{}({x}): {found} instead of {expected}", stringify!($name));
                    }
                    for x in [-4.1, -3.2, -2.7, -1.3, -0.6, -0.2, 0.3, 0.45, 0.8, 1.2, 2.6, 3.4, 5.5, 6.3] {
                        let (_, slope) = keras_grad!($name)(&x);
                        check(stringify!($name), &[x], &[slope], |p| $name(p[0]));
                    }
                })*
            }
        };
    }
    macro_rules! gradient_of {
        ($($name:ident, $x:ident, $f:expr;)*) => { $(gradient! { fn $name($x: f64) -> f64 { $f } })* };
    }
    // Each function has its gradient beside it; the name of that is made by `gradient!`, so it is listed here.
    macro_rules! keras_grad {
        (f_relu) => {
            f_relu_grad
        };
        (f_relu6) => {
            f_relu6_grad
        };
        (f_leaky) => {
            f_leaky_grad
        };
        (f_elu) => {
            f_elu_grad
        };
        (f_celu) => {
            f_celu_grad
        };
        (f_selu) => {
            f_selu_grad
        };
        (f_gelu) => {
            f_gelu_grad
        };
        (f_gelu_tanh) => {
            f_gelu_tanh_grad
        };
        (f_silu) => {
            f_silu_grad
        };
        (f_hard_silu) => {
            f_hard_silu_grad
        };
        (f_sigmoid) => {
            f_sigmoid_grad
        };
        (f_hard_sigmoid) => {
            f_hard_sigmoid_grad
        };
        (f_log_sigmoid) => {
            f_log_sigmoid_grad
        };
        (f_tanh) => {
            f_tanh_grad
        };
        (f_hard_tanh) => {
            f_hard_tanh_grad
        };
        (f_tanh_shrink) => {
            f_tanh_shrink_grad
        };
        (f_hard_shrink) => {
            f_hard_shrink_grad
        };
        (f_soft_shrink) => {
            f_soft_shrink_grad
        };
        (f_threshold) => {
            f_threshold_grad
        };
        (f_softplus) => {
            f_softplus_grad
        };
        (f_softsign) => {
            f_softsign_grad
        };
        (f_squareplus) => {
            f_squareplus_grad
        };
        (f_mish) => {
            f_mish_grad
        };
        (f_sparse_plus) => {
            f_sparse_plus_grad
        };
        (f_sparse_sigmoid) => {
            f_sparse_sigmoid_grad
        };
        (f_exp) => {
            f_exp_grad
        };
        (f_ln) => {
            f_ln_grad
        };
        (f_sqrt) => {
            f_sqrt_grad
        };
        (f_abs) => {
            f_abs_grad
        };
        (f_square) => {
            f_square_grad
        };
        (f_sin) => {
            f_sin_grad
        };
        (f_cos) => {
            f_cos_grad
        };
        (f_powi) => {
            f_powi_grad
        };
        (f_powf) => {
            f_powf_grad
        };
        (f_max) => {
            f_max_grad
        };
        (f_min) => {
            f_min_grad
        };
        (f_linear) => {
            f_linear_grad
        };
    }

    fn sigma(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    each! {
        f_linear: x => linear(x), [2.0], [2.0];
        f_relu: x => x.relu(), [-2.0, 3.0], [0.0, 3.0];
        f_relu6: x => relu6(x), [-2.0, 3.0, 7.0], [0.0, 3.0, 6.0];
        f_leaky: x => leaky_relu(x) + x.leaky_relu(0.1), [-2.0, 3.0], [-0.6, 6.0];
        f_elu: x => elu(x) + elu(x, 2.0), [-1.0, 2.0], [3.0 * ((-1.0f64).exp() - 1.0), 4.0];
        f_celu: x => celu(x, 2.0), [-1.0, 2.0], [2.0 * ((-0.5f64).exp() - 1.0), 2.0];
        f_selu: x => selu(x), [2.0, -1.0],
            [2.101_401_974_710_961, 1.050_700_987_355_480_5 * 1.673_263_242_354_377_2 * ((-1.0f64).exp() - 1.0)];
        f_gelu: x => gelu(x), [0.0, 1.0], [0.0, 0.841_344_746_068_542_9];
        f_gelu_tanh: x => gelu_tanh(x), [0.0, 1.0], [0.0, 0.5 * (1.0 + ((2.0 / core::f64::consts::PI).sqrt() * 1.044_715).tanh())];
        f_silu: x => silu(x) + swish(x), [1.0], [2.0 * sigma(1.0)];
        f_hard_silu: x => hard_silu(x) + hard_swish(x), [1.0, -4.0, 4.0], [4.0 / 3.0, 0.0, 8.0];
        f_sigmoid: x => sigmoid(x), [1.0], [sigma(1.0)];
        f_hard_sigmoid: x => hard_sigmoid(x), [1.0, -4.0, 4.0], [2.0 / 3.0, 0.0, 1.0];
        f_log_sigmoid: x => log_sigmoid(x), [1.0], [sigma(1.0).ln()];
        f_tanh: x => tanh(x), [1.0], [1.0f64.tanh()];
        f_hard_tanh: x => hard_tanh(x), [0.5, 2.0, -3.0], [0.5, 1.0, -1.0];
        f_tanh_shrink: x => tanh_shrink(x), [1.0], [1.0 - 1.0f64.tanh()];
        f_hard_shrink: x => hard_shrink(x) + hard_shrink(x, 1.0), [0.7, 2.0, -0.2], [0.7, 4.0, 0.0];
        f_soft_shrink: x => soft_shrink(x) + soft_shrink(x, 1.0), [0.7, 2.0, -0.7], [0.2, 2.5, -0.2];
        f_threshold: x => threshold(x, 1.0, -7.0), [0.5, 2.0], [-7.0, 2.0];
        f_softplus: x => softplus(x), [1.0, -1.0], [(1.0 + 1.0f64.exp()).ln(), (1.0 + (-1.0f64).exp()).ln()];
        f_softsign: x => softsign(x), [-3.0], [-0.75];
        f_squareplus: x => squareplus(x) + squareplus(x, 1.0), [0.0], [1.5];
        f_mish: x => mish(x), [1.0], [(1.0 + 1.0f64.exp()).ln().tanh()];
        f_sparse_plus: x => sparse_plus(x), [-2.0, 0.0, 3.0], [0.0, 0.25, 3.0];
        f_sparse_sigmoid: x => sparse_sigmoid(x), [-2.0, 0.0, 3.0], [0.0, 0.5, 1.0];
        f_exp: x => exp(x) - exponential(x) * 0.5, [1.0], [0.5 * core::f64::consts::E];
        f_ln: x => ln(x * x) + log(x * x), [2.0], [4.0 * core::f64::consts::LN_2];
        f_sqrt: x => (x * x + 1.0).sqrt(), [0.0], [1.0];
        f_abs: x => abs(x), [-2.0], [2.0];
        f_square: x => square(x), [-3.0], [9.0];
        f_sin: x => sin(x), [1.0], [1.0f64.sin()];
        f_cos: x => cos(x), [1.0], [1.0f64.cos()];
        f_powi: x => x.powi(3) + x.powi(2) + x.powi(-1), [2.0], [12.5];
        f_powf: x => (x * x).powf(1.5) + pow(2.0, x), [2.0], [12.0];
        f_max: x => max(x, 1.0), [0.5, 2.0], [1.0, 2.0];
        f_min: x => min(x, 1.0), [0.5, 2.0], [0.5, 1.0];
    }

    gradient! {
        fn between(a: [f64; 3], b: [f64; 3]) -> f64 {
            max(a, b).square().sum() + a.min(b).sin().sum() + (a * a + 0.1).pow(b).sum()
        }
    }

    #[test]
    fn functions_of_two() {
        let (a, b) = (numbers::<3>(1), numbers::<3>(2));
        let (_, (da, db)) = between_grad(&a, &b);
        check("a", &a, &da, |p| between(row(p), b));
        check("b", &b, &db, |p| between(a, row(p)));
    }

    gradient! { fn larger(a: f64, b: f64) -> f64 { a.max(b) } }

    #[test]
    fn equal_numbers_share_the_gradient() {
        assert_eq!(larger_grad(&2.0, &2.0), (2.0, (0.5, 0.5)));
    }

    gradient! {
        fn classes(x: [[f64; 4]; 2], z: [f64; 3]; y: [[f64; 4]; 2]) -> f64 {
            let p = softmax(x);
            (p * y).square().sum() - (log_softmax(x) * y).sum() + z.softmax()[1] * z.log_softmax()[0]
        }
    }

    #[test]
    fn softmax_over_the_last_dimension() {
        let (x, z, y) = (matrix::<2, 4>(1), numbers::<3>(2), matrix::<2, 4>(3));
        let (_, (dx, dz)) = classes_grad(&x, &z, &y);
        check("x", x.as_flattened(), dx.as_flattened(), |p| classes(rows(p), z, y));
        check("z", &z, &dz, |p| classes(x, row(p), y));
        assert!(dz.iter().sum::<f64>().abs() < 1e-12, "softmax does not change if all logits do");
    }
}

mod flow {
    use super::*;

    gradient! {
        fn branches(a: f64, b: [f64; 3]; flag: f64) -> f64 {
            let mut s = a * 2.0;
            let scale = if flag > 0.0 && a < 10.0 { a.sin() } else if flag < -1.0 { b[0] * b[1] } else { 3.0 };
            if !(flag > 0.5) {
                s *= b.sum();
                s -= a * a;
            } else {
                if a > b[2] {
                    s += b[2] * a;
                }
            }
            s * scale
        }
    }

    #[test]
    fn branches_are_taken() {
        let b = numbers::<3>(5);
        for flag in [1.0, 0.2, -0.5, -2.0] {
            for a in [-1.7, 0.4, 2.5] {
                let (value, (da, db)) = branches_grad(&a, &b, &flag);
                assert_eq!(value, branches(a, b, flag));
                check("a", &[a], &[da], |p| branches(p[0], b, flag));
                check("b", &b, &db, |p| branches(a, row(p), flag));
            }
        }
        // Worked out by hand: flag = 1, a = 0.4, b = (0, 0, 0): s = 0.8 + 0·0.4, scale = sin 0.4.
        let (_, (da, db)) = branches_grad(&0.4, &[0.0; 3], &1.0);
        assert!((da - (2.0 * 0.4f64.sin() + 0.8 * 0.4f64.cos())).abs() < 1e-12);
        assert!((db[2] - 0.4 * 0.4f64.sin()).abs() < 1e-12);
    }

    const TURNS: usize = 5;

    gradient! {
        fn recurrent(w: [[f64; 2]; 2], u: [f64; 2], h0: [f64; 2]; x: [f64; TURNS]) -> f64 {
            let mut h = h0;
            let mut sum = 0.0;
            for i in 0..TURNS {
                h = (h.matmul(w) + u * x[i]).tanh();
                sum += h[0] * h[1] * (i as f64);
            }
            sum + h.square().mean()
        }
    }

    #[test]
    fn a_recurrent_network() {
        let (w, u, h, x) = (matrix::<2, 2>(1), numbers::<2>(2), numbers::<2>(3), numbers::<TURNS>(4));
        let (value, (dw, du, dh)) = recurrent_grad(&w, &u, &h, &x);
        assert_eq!(value, recurrent(w, u, h, x));
        check("w", w.as_flattened(), dw.as_flattened(), |p| recurrent(rows(p), u, h, x));
        check("u", &u, &du, |p| recurrent(w, row(p), h, x));
        check("h", &h, &dh, |p| recurrent(w, u, row(p), x));
    }

    gradient! {
        fn nested(a: [f64; 4], b: f64) -> f64 {
            let mut grid = [[0.0; 3]; 4];
            let mut last = b;
            for i in 1..4 {
                for j in 0..3 {
                    if i == 2 || a[i] > 0.0 {
                        last = last * a[i - 1] + (j as f64);
                        grid[i][j] = last.sin();
                    } else {
                        grid[i][j] += a[j + 1] * b;
                    }
                }
                grid[0] += grid[i] * b;
            }
            let x = last;
            let x = x * 0.01;
            grid.square().sum() + x
        }
    }

    #[test]
    fn loops_in_loops_with_branches() {
        let (a, b) = ([0.3, -0.8, 0.9, 0.5], 0.6);
        let (value, (da, db)) = nested_grad(&a, &b);
        assert_eq!(value, nested(a, b));
        check("a", &a, &da, |p| nested(row(p), b));
        check("b", &[b], &[db], |p| nested(a, p[0]));
    }

    gradient! {
        fn power(x: f64) -> f64 {
            let mut y = 1.0;
            for _ in 0..=6 {
                y *= x;
            }
            y
        }
    }

    #[test]
    fn a_power_by_a_loop() {
        assert_eq!(power_grad(&2.0), (128.0, 7.0 * 64.0));
    }

    gradient! {
        fn swaps(a: f64, b: f64) -> f64 {
            let mut p = a;
            let mut q = b;
            for i in 0..3 {
                let r = p;
                p = q * (i as f64 + 1.0);
                q = r;
            }
            [p, q, 2.0 * a].square().sum()
        }
    }

    #[test]
    fn variables_that_change_places() {
        // (p, q) = (b, a), (2a, b), (3b, 2a): 9 b² + 4 a² + 4 a².
        assert_eq!(swaps_grad(&1.5, &2.0), (54.0, (24.0, 36.0)));
    }

    gradient! {
        fn unused(a: f64, b: [f64; 2]) -> f64 {
            let c = a * 3.0;
            let _d = b.sum();
            for i in 0..2 {
                let _e = b[i];
            }
            c
        }
    }

    #[test]
    fn what_does_not_matter_has_no_gradient() {
        assert_eq!(unused_grad(&1.0, &[1.0; 2]), (3.0, (3.0, [0.0; 2])));
    }

    gradient! {
        fn own_words(row: [f64; 3], y: f64; dy: [[f64; 3]; 2]) -> f64 {
            let mut x = dy * row;
            for all in 0..2 {
                x[all][all + 1] *= y * row[all];
                x[all][0] = x[1][all];
            }
            let shares = x.softmax() * x;
            shares.square().sum()
        }
    }

    #[test]
    fn any_name_may_be_used() {
        let (row_, y, dy) = (numbers::<3>(1), 0.8, matrix::<2, 3>(2));
        let (_, (d_row, d_y)) = own_words_grad(&row_, &y, &dy);
        check("row", &row_, &d_row, |p| own_words(row(p), y, dy));
        check("y", &[y], &[d_y], |p| own_words(row_, p[0], dy));
    }

    gradient! { fn inner(x: [f64; 2]; y: f64) -> f64 { (x * y).sin().sum() } }
    gradient! { fn outer(x: [f64; 2], y: f64) -> f64 { self::inner(x * 2.0, y.square()) * y } }

    #[test]
    fn functions_that_call_others() {
        let (x, y) = ([0.3, -0.7], 1.2);
        let (value, (dx, dy)) = outer_grad(&x, &y);
        assert_eq!(value, inner([0.6, -1.4], 1.2 * 1.2) * 1.2);
        check("x", &x, &dx, |p| outer(row(p), y));
        check("y", &[y], &[dy], |p| outer(x, p[0]));
    }
}

mod sizes {
    use super::*;

    mod config {
        pub(super) const IN: usize = 3;
    }
    const OUT: usize = 2;

    gradient! {
        pub fn loss(w: [[f64; OUT]; config::IN], b: [f64; 2]; x: [f64; 3], y: [f64; { OUT * 2 - 2 }]) -> f64 {
            let mut out = x.matmul(w) + b;
            for i in 0..OUT {
                out[i] *= 2.0;
            }
            let sum: [f64; 2] = out - y;
            sum.square().mean()
        }
    }

    #[test]
    fn sizes_that_are_written_differently() {
        let (w, b, x, y) = (matrix::<3, 2>(1), numbers::<2>(2), numbers::<3>(3), numbers::<2>(4));
        let (_, (dw, db)) = loss_grad(&w, &b, &x, &y);
        check("w", w.as_flattened(), dw.as_flattened(), |p| loss(rows(p), b, x, y));
        check("b", &b, &db, |p| loss(w, row(p), x, y));
    }
}

mod single {
    use super::*;

    gradient! {
        fn xor_loss(w: [[f32; 4]; 2], b: [f32; 4], v: [f32; 4], c: f32; x: [[f32; 2]; 4], y: [f32; 4]) -> f32 {
            let hidden = (x.matmul(w) + b).tanh();
            let logits = hidden.matmul(v) + c;
            // Binary crossentropy from logits.
            (logits.softplus() - logits * y).mean()
        }
    }

    fn xor_oracle(w: [[f64; 4]; 2], b: [f64; 4], v: [f64; 4], c: f64) -> f64 {
        let data = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)];
        let mut sum = 0.0;
        for (x, y) in data {
            let hidden: [f64; 4] = core::array::from_fn(|j| (x[0] * w[0][j] + x[1] * w[1][j] + b[j]).tanh());
            let logit = (0..4).map(|j| hidden[j] * v[j]).sum::<f64>() + c;
            sum += (1.0 + logit.exp()).ln() - logit * y;
        }
        sum / 4.0
    }

    const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    const Y: [f32; 4] = [0.0, 1.0, 1.0, 0.0];

    #[test]
    fn single_precision_against_an_oracle_in_double() {
        let w = matrix::<2, 4>(7).map(|row| row.map(|x| x as f32));
        let (b, v, c) = (numbers::<4>(8).map(|x| x as f32), numbers::<4>(9).map(|x| x as f32), 0.1f32);
        let (_, (dw, ..)) = xor_loss_grad(&w, &b, &v, &c, &X, &Y);
        let double = w.map(|row| row.map(f64::from));
        let (b, v) = (b.map(f64::from), v.map(f64::from));
        for i in 0..2 {
            for j in 0..4 {
                let shifted = |step: f64| {
                    let mut w = double;
                    w[i][j] += step;
                    xor_oracle(w, b, v, f64::from(c))
                };
                let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                assert!((f64::from(dw[i][j]) - expected).abs() < 1e-6, "{} instead of {expected}", dw[i][j]);
            }
        }
    }

    #[test]
    fn training_by_hand_converges() {
        let mut w = matrix::<2, 4>(7).map(|row| row.map(|x| x as f32));
        let (mut b, mut v, mut c) = ([0.0f32; 4], numbers::<4>(9).map(|x| x as f32), 0.0f32);
        let first = xor_loss(w, b, v, c, X, Y);
        for _ in 0..2000 {
            let (_, (dw, db, dv, dc)) = xor_loss_grad(&w, &b, &v, &c, &X, &Y);
            let step = |p: &mut [f32], d: &[f32]| p.iter_mut().zip(d).for_each(|(p, d)| *p -= 0.5 * d);
            step(w.as_flattened_mut(), dw.as_flattened());
            step(&mut b, &db);
            step(&mut v, &dv);
            c -= 0.5 * dc;
        }
        let last = xor_loss(w, b, v, c, X, Y);
        assert!(first > 0.5 && last < 0.05, "from {first} to {last}");
    }
}
