//! Matrix products of libraries that have little else.

use std::hint::black_box;

use ::ndarray::linalg::general_mat_mul;
use ::ndarray::{Array2, ArrayView2};

use crate::clock::Clock;
use crate::works::{self, PRODUCTS};

pub fn run(engine: &str, clock: &Clock) {
    for (n, work) in PRODUCTS {
        let (x, w, mut y) = (works::matrix(n), works::matrix(n), vec![0.0f32; n * n]);
        match engine {
            "matrixmultiply" => clock.show(engine, work, || {
                let (x, w) = (black_box(&x), black_box(&w));
                let row = n as isize;
                // SAFETY: three row-major matrices of n × n.
                unsafe {
                    matrixmultiply::sgemm(
                        n,
                        n,
                        n,
                        1.0,
                        x.as_ptr(),
                        row,
                        1,
                        w.as_ptr(),
                        row,
                        1,
                        0.0,
                        y.as_mut_ptr(),
                        row,
                        1,
                    );
                }
            }),
            "gemm" => clock.show(engine, work, || {
                let threads = if clock.threads == 1 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(0) };
                let (x, w, y) = (black_box(x.as_ptr()), black_box(w.as_ptr()), y.as_mut_ptr());
                let row = n as isize;
                // SAFETY: three row-major matrices of n × n.
                unsafe {
                    gemm::gemm(n, n, n, y, 1, row, false, x, 1, row, w, 1, row, 0.0, 1.0, false, false, false, threads);
                }
            }),
            _ => {
                let view = |floats| ArrayView2::from_shape((n, n), floats).expect("n × n");
                let (x, w) = (view(&x), view(&w));
                let mut y = Array2::zeros((n, n));
                clock.show(engine, work, || general_mat_mul(1.0, black_box(&x), black_box(&w), 0.0, &mut y));
            }
        }
    }
}
