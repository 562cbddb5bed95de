//! Second and third derivatives: functions that call gradients.

use super::*;

mod closed_forms {
    use super::*;

    gradient! {
        fn f(x: f64, y: f64) -> f64 {
            x.powi(3) * y + (x * y).sin()
        }

        fn slope(x: f64, y: f64) -> f64 {
            let (_, (dx, _)) = f_grad(x, y);
            dx
        }

        fn bend(x: f64, y: f64) -> f64 {
            slope_grad(x, y).1.0
        }
    }

    #[test]
    fn derivatives_of_a_product_and_a_sine() {
        let (x, y) = (0.7f64, -1.3f64);
        let (value, (dxx, dxy)) = slope_grad(&x, &y);
        assert!((value - (3.0 * x * x * y + y * (x * y).cos())).abs() < 1e-14);
        assert!((dxx - (6.0 * x * y - y * y * (x * y).sin())).abs() < 1e-14);
        assert!((dxy - (3.0 * x * x + (x * y).cos() - x * y * (x * y).sin())).abs() < 1e-14);
        let (value, (dxxx, dxxy)) = bend_grad(&x, &y);
        assert_eq!(value, dxx);
        assert!((dxxx - (6.0 * y - y * y * y * (x * y).cos())).abs() < 1e-13);
        assert!((dxxy - (6.0 * x - 2.0 * y * (x * y).sin() - x * y * y * (x * y).cos())).abs() < 1e-13);
        assert_eq!(bend(x, y), dxx);
    }
}

mod smooth_at_zero {
    macro_rules! at_zero {
        ($($name:ident: $x:ident => $f:expr, $expected:expr;)*) => {
            $(
                mod $name {
                    keras::gradient! {
                        fn f($x: f64) -> f64 { $f }
                        pub(super) fn slope($x: f64) -> f64 { f_grad($x).1 }
                    }
                }
            )*

            /// Their formulas have kinks there that cancel.
            #[test]
            fn functions_whose_formulas_have_kinks() {
                $(
                    let (_, bend) = $name::slope_grad(&0.0);
                    let expected: f64 = $expected;
                    assert!((bend - expected).abs() < 1e-14, "{}: {bend} instead of {expected}", stringify!($name));
                )*
            }
        };
    }

    at_zero! {
        softplus: x => softplus(x), 0.25;
        softplus_squared: x => softplus(x).square(), 0.5 * (1.0 + core::f64::consts::LN_2);
        log_sigmoid: x => log_sigmoid(x), -0.25;
        mish: x => mish(x), 0.64;
        silu: x => silu(x), 0.5;
        gelu: x => gelu(x), (2.0 / core::f64::consts::PI).sqrt();
        squareplus: x => squareplus(x), 0.25;
        cube: x => powi(x, 3) + x.powi(2) + pow(x - 1.0, 3.0), -4.0;
    }
}

mod vectors {
    use super::*;

    gradient! {
        fn loss(w: [[f64; 3]; 2], b: [f64; 3]; x: [[f64; 2]; 4], y: [[f64; 3]; 4]) -> f64 {
            let logits = (x.matmul(w) + b).tanh() * 2.0;
            0.0 - (logits.log_softmax() * y).sum(1).mean()
        }

        /// The gradient along a direction.
        fn along(w: [[f64; 3]; 2], b: [f64; 3]; x: [[f64; 2]; 4], y: [[f64; 3]; 4], vw: [[f64; 3]; 2], vb: [f64; 3]) -> f64 {
            let (_, (dw, db)) = loss_grad(&w, &b, &x, &y);
            (dw * vw).sum() + dot(db, vb)
        }

        /// The square of the gradient's length, with a step of gradient descent before it.
        fn length(w: [[f64; 3]; 2], b: [f64; 3], rate: f64; x: [[f64; 2]; 4], y: [[f64; 3]; 4]) -> f64 {
            let mut w = w;
            let mut b = b;
            let mut sum = 0.0;
            for i in 0..3 {
                let (value, (dw, db)) = loss_grad(w, b, x, y);
                w = w - rate * dw;
                b -= db * rate;
                sum += value * (i as f64);
            }
            if rate > 0.01 {
                let (_, (dw, _)) = loss_grad(w, b, x, y);
                sum += dw.square().sum();
            }
            sum
        }
    }

    type Data = ([[f64; 3]; 2], [f64; 3], [[f64; 2]; 4], [[f64; 3]; 4]);

    fn data() -> Data {
        (matrix(1), numbers(2), matrix(3), matrix::<4, 3>(4).map(|row| row.map(f64::abs)))
    }

    #[test]
    fn products_of_second_derivatives_and_a_direction() {
        let (w, b, x, y) = data();
        let (vw, vb) = (matrix::<2, 3>(5), numbers::<3>(6));
        let (value, (hw, hb)) = along_grad(&w, &b, &x, &y, &vw, &vb);
        assert_eq!(value, along(w, b, x, y, vw, vb));
        check("w", w.as_flattened(), hw.as_flattened(), |p| along(rows(p), b, x, y, vw, vb));
        check("b", &b, &hb, |p| along(w, row(p), x, y, vw, vb));
    }

    #[test]
    fn second_derivatives_are_symmetric() {
        let (w, b, x, y) = data();
        let unit = |i: usize| -> ([[f64; 3]; 2], [f64; 3]) {
            let p: [f64; 9] = core::array::from_fn(|j| f64::from(u8::from(i == j)));
            (rows(&p), row(&p[6..]))
        };
        let h: [[f64; 9]; 9] = core::array::from_fn(|i| {
            let (vw, vb) = unit(i);
            let (_, (hw, hb)) = along_grad(&w, &b, &x, &y, &vw, &vb);
            core::array::from_fn(|j| if j < 6 { hw.as_flattened()[j] } else { hb[j - 6] })
        });
        for (i, row) in h.iter().enumerate() {
            for (j, &found) in row.iter().enumerate() {
                assert!((found - h[j][i]).abs() < 1e-14, "{i}, {j}: {found} and {}", h[j][i]);
            }
        }
    }

    #[test]
    fn training_steps_are_differentiated() {
        let (w, b, x, y) = data();
        for rate in [0.3, 0.001] {
            let (value, (dw, db, d_rate)) = length_grad(&w, &b, &rate, &x, &y);
            assert_eq!(value, length(w, b, rate, x, y));
            check("w", w.as_flattened(), dw.as_flattened(), |p| length(rows(p), b, rate, x, y));
            check("b", &b, &db, |p| length(w, row(p), rate, x, y));
            check("rate", &[rate], &[d_rate], |p| length(w, b, p[0], x, y));
        }
    }
}

mod flow {
    use super::*;

    gradient! {
        fn walk(a: [f64; 4], b: f64; x: [f64; 4]) -> f64 {
            let mut grid = [[0.0; 3]; 4];
            let mut last = b;
            for i in 1..4 {
                for j in 0..3 {
                    if i == 2 || a[i] > 0.0 {
                        last = last * a[i - 1] + (j as f64) * x[i];
                        grid[i][j] = last.sin();
                    } else {
                        grid[i][j] += a[j + 1] * b * x[j];
                    }
                }
                grid[0] += grid[i] * b;
            }
            max(grid, 0.1).square().sum() + last * 0.01
        }

        fn slopes(a: [f64; 4], b: f64, x: [f64; 4]) -> f64 {
            let (value, (da, db)) = walk_grad(a, b * b, x);
            let sum = if value > 0.0 { da.square().sum() } else { 0.0 };
            sum * value + db * a[0]
        }
    }

    /// The gradient of data is asked for as well, in the function that calls.
    #[test]
    fn loops_branches_and_elements() {
        let (a, b, x) = ([0.3, -0.8, 0.9, 0.5], 0.6, [0.4, -0.3, 0.8, 1.1]);
        let (value, (da, db, dx)) = slopes_grad(&a, &b, &x);
        assert_eq!(value, slopes(a, b, x));
        check("a", &a, &da, |p| slopes(row(p), b, x));
        check("b", &[b], &[db], |p| slopes(a, p[0], x));
        check("x", &x, &dx, |p| slopes(a, b, row(p)));
    }
}

mod elsewhere {
    use super::*;

    mod losses {
        keras::gradient! {
            pub fn energy(x: [f64; 3]; k: f64) -> f64 { k * (x.square().sum() * 0.5).exp() }
        }
        keras::gradient! {
            pub fn doubled(x: [f64; 3], k: f64) -> f64 { self::energy(x * k, 2.0) + energy_of(x) }
            fn energy_of(x: [f64; 3]) -> f64 { self::energy(x, 0.5) }
        }
    }

    gradient! {
        fn force(x: [f64; 3], k: f64) -> f64 {
            let (value, dx) = losses::energy_grad(x, k);
            let rest = losses::doubled_grad(x, 0.5).1.0;
            dx.sum() * value + losses::doubled_grad(x, k).0 + rest[1]
        }
    }

    #[test]
    fn gradients_from_another_place() {
        let (x, k) = ([0.3, -0.5, 0.2], 1.5);
        let (value, (dx, dk)) = force_grad(&x, &k);
        assert_eq!(value, force(x, k));
        check("x", &x, &dx, |p| force(row(p), k));
        check("k", &[k], &[dk], |p| force(x, p[0]));
        // E = k exp(|x|² / 2), ∇E = E x.
        let e = k * (x.iter().map(|x| x * x).sum::<f64>() / 2.0).exp();
        let (value, slope) = losses::energy_grad(&x, &k);
        assert!((value - e).abs() < 1e-14 && (slope[1] - e * x[1]).abs() < 1e-14);
    }
}
