//! Ops that merge their inputs or move their numbers.

use keras::__private::graph::OpKind;
use keras::__private::kernels::{add, concatenate, dot, gather, interpolate, merge};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Add => add::scalar::forward(y, &call.x),
        OpKind::Concatenate { widths, .. } => concatenate::scalar::forward(y, &call.x, widths),
        OpKind::Merge { merge } => merge::scalar::forward(y, &call.x, merge),
        OpKind::Dot { m, n, k } => dot::scalar::forward(y, call.x[0], call.x[1], call.n, m, n, k),
        OpKind::Gather { len, axes } => gather::scalar::forward(y, call.x[0], len, axes),
        OpKind::Interpolate { of } => interpolate::scalar::forward(y, call.x[0], &of),
        _ => return false,
    }
    true
}

fn backward(call: &Call<'_>, _: &[f64], dy: &[f64], dx: &mut [Vec<f64>], _: &mut [Vec<f64>]) -> bool {
    for (i, dx) in dx.iter_mut().enumerate() {
        match call.kind {
            OpKind::Add => add::scalar::backward(dx, dy, true),
            OpKind::Concatenate { widths, .. } => {
                let at = widths[..i].iter().sum();
                concatenate::scalar::backward(dx, dy, at, widths[i], widths.iter().sum(), true);
            }
            OpKind::Merge { merge } => merge::scalar::backward(dx, dy, &call.x, i, call.x.len(), merge, true),
            OpKind::Dot { m, n, k } if i == 0 => dot::scalar::backward_a(dx, dy, call.x[1], call.n, m, n, k, true),
            OpKind::Dot { m, n, k } => dot::scalar::backward_b(dx, dy, call.x[0], call.n, m, n, k, true),
            OpKind::Gather { len, axes } => gather::scalar::backward(dx, dy, len, axes, true),
            OpKind::Interpolate { of } => interpolate::scalar::backward(dx, dy, &of, true),
            _ => return false,
        }
    }
    true
}
