//! Spectral normalization.

use keras::__private::graph::OpKind;
use keras::__private::kernels::spectral::scalar;

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// σ, and u and v.
fn norm(call: &Call<'_>, iterations: usize) -> (f64, Vec<f64>, Vec<f64>) {
    let mut u = call.w[1].to_vec();
    let mut v = vec![0.0; call.w[0].len() / u.len()];
    if !call.random.training {
        return (1.0, u, v);
    }
    let sigma = scalar::norm(&mut u, &mut v, call.w[0], iterations);
    (sigma, u, v)
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    let OpKind::Spectral { iterations } = call.kind else { return false };
    let (sigma, ..) = norm(call, iterations);
    y.iter_mut().zip(call.x[0]).for_each(|(y, x)| *y = x / sigma);
    true
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let OpKind::Spectral { iterations } = call.kind else { return false };
    let (sigma, u, v) = norm(call, iterations);
    dx[0].iter_mut().zip(dy).for_each(|(dx, dy)| *dx = dy / sigma);
    scalar::backward_kernel(&mut dw[0], sigma, [&u, &v], y, dy);
    true
}
