//! Branches, loops, variables, calls.

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
