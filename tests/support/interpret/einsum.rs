//! Products of groups, and biases.

use keras::__private::graph::OpKind;
use keras::__private::kernels::{bias, einsum};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Einsum { outer, groups } => {
            einsum::scalar::forward(y, call.x[0], call.w[0], call.n * outer, &groups);
        }
        OpKind::Bias { .. } => bias::scalar::forward(y, call.x[0], call.w[0]),
        _ => return false,
    }
    true
}

fn backward(call: &Call<'_>, _: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    match call.kind {
        OpKind::Einsum { outer, groups } => {
            einsum::scalar::backward_data(&mut dx[0], dy, call.w[0], call.n * outer, &groups);
            einsum::scalar::backward_kernel(&mut dw[0], call.x[0], dy, call.n * outer, &groups);
        }
        OpKind::Bias { n, .. } => {
            dx[0].copy_from_slice(dy);
            for dy in dy.chunks_exact(n) {
                dw[0].iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
            }
        }
        _ => return false,
    }
    true
}
