//! Functions of one and of two numbers, and of rows.

use super::*;

macro_rules! each {
    ($($name:ident: $x:ident => $f:expr, $at:expr, $expected:expr;)*) => {
        $(
            mod $name {
                keras::gradient! {
                    pub(super) fn f($x: f64) -> f64 { $f }
                    pub(super) fn slope($x: f64) -> f64 { f_grad($x).1 }
                }
            }
        )*

        #[test]
        fn every_function_and_its_slope() {
            $({
                // The value by the formula, then both derivatives by differences, on both sides of each kink.
                for (x, expected) in $at.into_iter().zip($expected) {
                    let found = $name::f(x);
                    let expected: f64 = expected;
                    assert!((found - expected).abs() < 1e-12, "{}({x}): {found} instead of {expected}", stringify!($name));
                }
                for x in [-4.1, -3.2, -2.7, -1.3, -0.6, -0.2, 0.3, 0.45, 0.8, 1.2, 2.6, 3.4, 5.5, 6.3] {
                    let (_, slope) = $name::f_grad(&x);
                    check(stringify!($name), &[x], &[slope], |p| $name::f(p[0]));
                    assert_eq!($name::slope(x), slope);
                    let (_, bend) = $name::slope_grad(&x);
                    check(concat!(stringify!($name), "'"), &[x], &[bend], |p| $name::slope(p[0]));
                }
            })*
        }
    };
}

fn sigma(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

each! {
    linear: x => linear(x), [2.0], [2.0];
    relu: x => x.relu(), [-2.0, 3.0], [0.0, 3.0];
    relu6: x => relu6(x), [-2.0, 3.0, 7.0], [0.0, 3.0, 6.0];
    leaky: x => leaky_relu(x) + x.leaky_relu(0.1), [-2.0, 3.0], [-0.6, 6.0];
    elu: x => elu(x) + elu(x, 2.0), [-1.0, 2.0], [3.0 * ((-1.0f64).exp() - 1.0), 4.0];
    celu: x => celu(x, 2.0), [-1.0, 2.0], [2.0 * ((-0.5f64).exp() - 1.0), 2.0];
    selu: x => selu(x), [2.0, -1.0],
        [2.101_401_974_710_961, 1.050_700_987_355_480_5 * 1.673_263_242_354_377_2 * ((-1.0f64).exp() - 1.0)];
    gelu: x => gelu(x), [0.0, 1.0], [0.0, 0.841_344_746_068_542_9];
    gelu_tanh: x => gelu_tanh(x), [0.0, 1.0], [0.0, 0.5 * (1.0 + ((2.0 / core::f64::consts::PI).sqrt() * 1.044_715).tanh())];
    silu: x => silu(x) + swish(x), [1.0], [2.0 * sigma(1.0)];
    hard_silu: x => hard_silu(x) + hard_swish(x), [1.0, -4.0, 4.0], [4.0 / 3.0, 0.0, 8.0];
    sigmoid: x => sigmoid(x), [1.0], [sigma(1.0)];
    hard_sigmoid: x => hard_sigmoid(x), [1.0, -4.0, 4.0], [2.0 / 3.0, 0.0, 1.0];
    log_sigmoid: x => log_sigmoid(x), [1.0], [sigma(1.0).ln()];
    tanh: x => tanh(x), [1.0], [1.0f64.tanh()];
    hard_tanh: x => hard_tanh(x), [0.5, 2.0, -3.0], [0.5, 1.0, -1.0];
    tanh_shrink: x => tanh_shrink(x), [1.0], [1.0 - 1.0f64.tanh()];
    hard_shrink: x => hard_shrink(x) + hard_shrink(x, 1.0), [0.7, 2.0, -0.2], [0.7, 4.0, 0.0];
    soft_shrink: x => soft_shrink(x) + soft_shrink(x, 1.0), [0.7, 2.0, -0.7], [0.2, 2.5, -0.2];
    threshold: x => threshold(x, 1.0, -7.0), [0.5, 2.0], [-7.0, 2.0];
    softplus: x => softplus(x), [1.0, -1.0], [(1.0 + 1.0f64.exp()).ln(), (1.0 + (-1.0f64).exp()).ln()];
    softsign: x => softsign(x), [-3.0], [-0.75];
    squareplus: x => squareplus(x) + squareplus(x, 1.0), [0.0], [1.5];
    mish: x => mish(x), [1.0], [(1.0 + 1.0f64.exp()).ln().tanh()];
    sparse_plus: x => sparse_plus(x), [-2.0, 0.0, 3.0], [0.0, 0.25, 3.0];
    sparse_sigmoid: x => sparse_sigmoid(x), [-2.0, 0.0, 3.0], [0.0, 0.5, 1.0];
    exp: x => exp(x) - exponential(x) * 0.5, [1.0], [0.5 * core::f64::consts::E];
    ln: x => ln(x * x) + log(x * x), [2.0], [4.0 * core::f64::consts::LN_2];
    sqrt: x => (x * x + 1.0).sqrt(), [0.0], [1.0];
    abs: x => abs(x), [-2.0], [2.0];
    square: x => square(x), [-3.0], [9.0];
    sin: x => sin(x), [1.0], [1.0f64.sin()];
    cos: x => cos(x), [1.0], [1.0f64.cos()];
    powi: x => x.powi(3) + x.powi(2) + x.powi(-1), [2.0], [12.5];
    powf: x => (x * x).powf(1.5) + pow(2.0, x), [2.0], [12.0];
    max: x => max(x, 1.0), [0.5, 2.0], [1.0, 2.0];
    min: x => min(x, 1.0), [0.5, 2.0], [0.5, 1.0];
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

gradient! {
    fn larger(a: f64, b: f64) -> f64 { a.max(b) }
    fn larger_square(a: f64, b: f64) -> f64 { a.max(b).square() }
    fn larger_slope(a: f64, b: f64) -> f64 { larger_square_grad(a, b).1.0 }
}

#[test]
fn equal_numbers_share_the_gradient() {
    assert_eq!(larger_grad(&2.0, &2.0), (2.0, (0.5, 0.5)));
    // The gradient of max(a, b)² is max(a, b), by halves; its own is again half of that of the maximum.
    assert_eq!(larger_slope_grad(&2.0, &2.0), (2.0, (0.5, 0.5)));
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

gradient! {
    fn projected(x: [[f64; 4]; 2], z: [f64; 4]; y: [[f64; 4]; 2]) -> f64 {
        (sparsemax(x) * y).square().sum() + z.glu()[0] * z.glu()[1] + (x.glu() * y.glu()).sum()
    }

    fn along(x: [[f64; 4]; 2], z: [f64; 4]; y: [[f64; 4]; 2], v: [[f64; 4]; 2], w: [f64; 4]) -> f64 {
        let (_, (dx, dz)) = projected_grad(x, z, y);
        (dx * v).sum() + dz.dot(w)
    }
}

#[test]
fn sparsemax_and_glu() {
    let (x, z, y) = (matrix::<2, 4>(1), numbers::<4>(2), matrix::<2, 4>(3));
    let (value, (dx, dz)) = projected_grad(&x, &z, &y);
    assert_eq!(value, projected(x, z, y));
    check("x", x.as_flattened(), dx.as_flattened(), |p| projected(rows(p), z, y));
    check("z", &z, &dz, |p| projected(x, row(p), y));
    let (v, w) = (matrix::<2, 4>(4), numbers::<4>(5));
    let (_, (hx, hz)) = along_grad(&x, &z, &y, &v, &w);
    check("Hx", x.as_flattened(), hx.as_flattened(), |p| along(rows(p), z, y, v, w));
    check("Hz", &z, &hz, |p| along(x, row(p), y, v, w));
}

gradient! {
    fn point(x: [f64; 3]) -> f64 { sparsemax(x)[0] + 10.0 * sparsemax(x)[1] + 100.0 * sparsemax(x)[2] }
    fn gate(x: [f64; 2]) -> f64 { glu(x)[0] }
}

#[test]
fn sparsemax_and_glu_worked_out_by_hand() {
    // One number is far ahead: all of the simplex is its own. Two are near: each is above or below 1/2 by half the
    // distance.
    assert_eq!(point([3.0, 1.0, 0.5]), 1.0);
    assert!((point([1.0, 0.5, -2.0]) - (0.75 + 2.5)).abs() < 1e-14);
    assert!((point([0.0; 3]) - 37.0).abs() < 1e-12);
    assert_eq!(gate([3.0, 0.0]), 1.5);
}
