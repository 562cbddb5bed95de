//! Cross-entropy in lanes.

use crate::lanes::{LANES, largest, sum};

/// As [`super::softmax`]; the lengths have been checked.
#[inline(always)]
pub(super) fn softmax(dz: &mut [f32], z: &[f32], p: &[f32], t: &[f32], scale: &[f32], losses: &mut [f32], n: usize) {
    for (row, loss) in losses.iter_mut().enumerate() {
        let at = row * n..(row + 1) * n;
        let (dz, z, p, t) = (&mut dz[at.clone()], &z[at.clone()], &p[at.clone()], &t[at]);
        let lse = log_sum_exp(z, p);
        let (zs, z_rest) = z.as_chunks::<LANES>();
        let (ts, t_rest) = t.as_chunks::<LANES>();
        let (mut total, mut weighted) = (0.0, 0.0);
        if !zs.is_empty() {
            let (mut totals, mut sums) = ([0.0; LANES], [0.0; LANES]);
            for (z, t) in zs.iter().zip(ts) {
                for i in 0..LANES {
                    totals[i] += t[i];
                    sums[i] = t[i].mul_add(lse - z[i], sums[i]);
                }
            }
            (total, weighted) = (sum(totals), sum(sums));
        }
        for (&z, &t) in z_rest.iter().zip(t_rest) {
            total += t;
            weighted = t.mul_add(lse - z, weighted);
        }
        *loss = weighted;
        let scale = scale[row];
        for ((dz, &p), &t) in dz.iter_mut().zip(p).zip(t) {
            *dz = scale * p.mul_add(total, -t);
        }
    }
}

/// As [`super::sparse`]; the lengths have been checked.
#[inline(always)]
pub(super) fn sparse(
    dz: &mut [f32],
    z: &[f32],
    p: &[f32],
    labels: &[u32],
    scale: &[f32],
    losses: &mut [f32],
    n: usize,
) {
    for (row, loss) in losses.iter_mut().enumerate() {
        let at = row * n..(row + 1) * n;
        let (dz, z, p) = (&mut dz[at.clone()], &z[at.clone()], &p[at]);
        let label = labels[row] as usize;
        if label >= n {
            *loss = f32::NAN;
            dz.fill(f32::NAN);
            continue;
        }
        *loss = log_sum_exp(z, p) - z[label];
        for (dz, &p) in dz.iter_mut().zip(p) {
            *dz = scale[row] * p;
        }
        dz[label] = scale[row] * (p[label] - 1.0);
    }
}

/// ln Σ eᶻ, from p = softmax(z).
#[inline(always)]
fn log_sum_exp(z: &[f32], p: &[f32]) -> f32 {
    // Where z has NaN in it all of p is NaN, and so is then the logarithm of what counts as its largest: NaN or −∞.
    largest(z) - libm::logf(largest(p))
}
