//! Ops of sequences: numbers of words, masks.

use keras::__private::graph::OpKind;
use keras::__private::kernels::{embedding, mask};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Cast => y.copy_from_slice(call.x[0]),
        OpKind::NotEqual { n, value } => mask::scalar::not_equal(y, call.x[0], n, value.into()),
        OpKind::Mask { n, fill } => mask::scalar::forward(y, call.x[0], call.x[1], n, fill.into()),
        OpKind::Select { n } => mask::scalar::select(y, call.x[0], call.x[1], call.x[2], n),
        OpKind::Embedding { n, .. } => embedding::scalar::forward(y, call.x[0], call.w[0], n),
        _ => return false,
    }
    true
}

fn backward(call: &Call<'_>, _: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    match call.kind {
        OpKind::Cast | OpKind::NotEqual { .. } => {}
        OpKind::Mask { n, .. } => mask::scalar::backward(&mut dx[0], dy, call.x[1], n, true, true),
        OpKind::Select { n } => {
            mask::scalar::backward(&mut dx[0], dy, call.x[2], n, true, true);
            mask::scalar::backward(&mut dx[1], dy, call.x[2], n, false, true);
        }
        OpKind::Embedding { n, .. } => embedding::scalar::backward(&mut dw[0], call.x[0], dy, n),
        _ => return false,
    }
    true
}
