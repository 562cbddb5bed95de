//! Kernels whose weights count as −1, 0 or 1.

use keras::__private::graph::OpKind;
use keras::__private::kernels::activation::Act;
use keras::__private::kernels::dense;
use keras::__private::kernels::ternary::scalar;

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// What the weights count as, and their factor.
fn ternary(w: &[f64], n: usize, threshold: Option<f32>) -> (Vec<f64>, f64) {
    let [threshold, factor] = scalar::rule(w, threshold);
    let mut t = vec![0.0; w.len()];
    scalar::ternarize(&mut t, w, n, n, [threshold, 1.0]);
    (t, factor)
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    let OpKind::Ternary { outer, k, n, threshold } = call.kind else { return false };
    let (t, factor) = ternary(call.w[0], n, threshold);
    dense::scalar::forward(y, call.x[0], &t, None, Act::Linear, call.n * outer, k, n);
    y.iter_mut().for_each(|y| *y *= factor);
    true
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let OpKind::Ternary { outer, k, n, threshold } = call.kind else { return false };
    let (t, factor) = ternary(call.w[0], n, threshold);
    let (m, dz) = (call.n * outer, dy.iter().map(|dy| factor * dy).collect::<Vec<_>>());
    dense::scalar::backward_data(&mut dx[0], &dz, &t, m, k, n, false);
    dense::scalar::backward_kernel(&mut dw[0], call.x[0], &dz, m, k, n);
    if let Some(by_mean) = dw.get_mut(1) {
        scalar::backward_mean(by_mean, call.w[0], factor, y, &dz);
    }
    true
}
