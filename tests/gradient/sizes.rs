//! Sizes that are consts, and sizes that functions are generic over.

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

mod generic {
    use super::*;

    gradient! {
        /// Squares of neighbours' distances, and a walk over all.
        fn rough<const N: usize>(x: [f64; N]; scale: f64) -> f64 {
            let mut sum = 0.0;
            let mut last = x[0];
            for i in 1..N {
                let d = x[i] - x[i - 1];
                last = last * d + 1.0;
                sum += d * d * last * scale;
            }
            for i in 0..N - 1 {
                last *= x[i + 1];
            }
            sum + x.mean() * last
        }

        fn dense<const N: usize, const M: usize>(w: [[f64; M]; N], b: [f64; M]; x: [f64; N]) -> f64 {
            let out: [f64; M] = x.matmul(w) + b;
            let zeros = [0.5; M];
            rough((out - zeros).tanh(), 2.0) + w.sum(0).softmax()[0]
        }

        fn slopes<const N: usize, const M: usize>(w: [[f64; M]; N], b: [f64; M]; x: [f64; N]) -> f64 {
            let (_, (dw, db)) = dense_grad(w, b, x);
            dw.square().sum() + db.sum()
        }

        fn three(x: [f64; 3]) -> f64 {
            rough(x, 1.5) * rough::<3>(x, 0.5)
        }
    }

    fn every_size<const N: usize, const M: usize>() {
        let (w, b, x) = (matrix::<N, M>(1), numbers::<M>(2), numbers::<N>(3));
        let (value, dx) = rough_grad(&x, &0.7);
        assert_eq!(value, rough(x, 0.7));
        check("x", &x, &dx, |p| rough(row::<N>(p), 0.7));
        let (_, (dw, db)) = dense_grad(&w, &b, &x);
        check("w", w.as_flattened(), dw.as_flattened(), |p| dense(rows::<N, M>(p), b, x));
        check("b", &b, &db, |p| dense(w, row::<M>(p), x));
        let (_, (hw, hb)) = slopes_grad(&w, &b, &x);
        check("Hw", w.as_flattened(), hw.as_flattened(), |p| slopes(rows::<N, M>(p), b, x));
        check("Hb", &b, &hb, |p| slopes(w, row::<M>(p), x));
    }

    #[test]
    fn functions_that_are_generic_over_sizes() {
        every_size::<2, 5>();
        every_size::<4, 3>();
        every_size::<1, 1>();
        let x = numbers::<3>(4);
        let (_, dx) = three_grad(&x);
        check("x", &x, &dx, |p| three(row(p)));
    }

    mod elsewhere {
        keras::gradient! {
            pub(super) fn caller(x: [f64; 3]) -> f64 { super::rough::<3>(x, 0.5) + super::rough_grad::<3>(x, 0.5).1[2] }
        }
    }

    #[test]
    fn a_generic_function_of_another_place() {
        let x = numbers::<3>(4);
        let (_, dx) = elsewhere::caller_grad(&x);
        check("x", &x, &dx, |p| elsewhere::caller(row(p)));
    }

    const HALF: usize = 2;

    gradient! {
        fn gated(x: [f64; { HALF * 2 }]) -> f64 { (glu(x) * glu([x[0], x[1], x[2], x[3]])).sum() }
    }

    #[test]
    fn half_of_a_const() {
        let x = numbers::<4>(4);
        let (_, dx) = gated_grad(&x);
        check("x", &x, &dx, |p| gated(row(p)));
    }
}
