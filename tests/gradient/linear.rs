//! Sums, products and broadcasting.

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
