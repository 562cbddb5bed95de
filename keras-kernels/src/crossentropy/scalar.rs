//! Cross-entropy in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;

/// As [`super::softmax`].
pub fn softmax<R: Real>(dz: &mut [R], z: &[R], p: &[R], t: &[R], scale: &[R], losses: &mut [R], n: usize) {
    check(dz.len(), z.len(), p.len(), t.len(), n, scale.len(), losses.len(), n);
    for (row, loss) in losses.iter_mut().enumerate() {
        let at = row * n..(row + 1) * n;
        let (dz, z, p, t) = (&mut dz[at.clone()], &z[at.clone()], &p[at.clone()], &t[at]);
        let lse = log_sum_exp(z, p);
        *loss = z.iter().zip(t).map(|(&z, &t)| t * (lse - z)).sum();
        let total: R = t.iter().copied().sum();
        for j in 0..n {
            dz[j] = scale[row] * (p[j] * total - t[j]);
        }
    }
}

/// As [`super::sparse`].
pub fn sparse<R: Real>(dz: &mut [R], z: &[R], p: &[R], labels: &[u32], scale: &[R], losses: &mut [R], n: usize) {
    check(dz.len(), z.len(), p.len(), labels.len(), 1, scale.len(), losses.len(), n);
    for (row, loss) in losses.iter_mut().enumerate() {
        let at = row * n..(row + 1) * n;
        let (dz, z, p) = (&mut dz[at.clone()], &z[at.clone()], &p[at]);
        let label = labels[row] as usize;
        if label >= n {
            *loss = R::of(f64::NAN);
            dz.fill(R::of(f64::NAN));
            continue;
        }
        *loss = log_sum_exp(z, p) - z[label];
        for (dz, &p) in dz.iter_mut().zip(p) {
            *dz = scale[row] * p;
        }
        dz[label] = scale[row] * (p[label] - R::ONE);
    }
}

/// ln Σ eᶻ, from p = softmax(z).
fn log_sum_exp<R: Real>(z: &[R], p: &[R]) -> R {
    let max = |x: &[R]| x.iter().fold(x[0], |max, &x| max.max(x));
    max(z) - max(p).ln()
}
