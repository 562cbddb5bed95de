//! Convolutions and pooling.

use keras::__private::graph::OpKind;
use keras::__private::kernels::{activation, conv, conv_transpose, dense, pool};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Conv { geometry, act } => {
            conv::scalar::forward(y, call.x[0], call.w[0], call.w.get(1).copied(), act, call.n, &geometry);
        }
        OpKind::ConvTranspose { geometry, act } => {
            conv_transpose::scalar::forward(y, call.x[0], call.w[0], call.w.get(1).copied(), act, call.n, &geometry);
        }
        OpKind::Pool { pool, n, windows } => pool::scalar::forward(y, call.x[0], pool, call.n, n, &windows),
        _ => return false,
    }
    true
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    match call.kind {
        OpKind::Conv { geometry: g, act } => {
            let mut dy = dy.to_vec();
            activation::scalar::backward(&mut dy, None, y, act, false);
            conv::scalar::backward_data(&mut dx[0], &dy, call.w[0], call.n, &g, false);
            conv::scalar::backward_kernel(&mut dw[0], call.x[0], &dy, call.n, &g);
            if let Some(db) = dw.get_mut(1) {
                dense::scalar::backward_bias(db, &dy, call.n * g.windows.count(), g.cout);
            }
        }
        OpKind::ConvTranspose { geometry: g, act } => {
            let mut dy = dy.to_vec();
            activation::scalar::backward(&mut dy, None, y, act, false);
            conv_transpose::scalar::backward_data(&mut dx[0], &dy, call.w[0], call.n, &g);
            conv_transpose::scalar::backward_kernel(&mut dw[0], call.x[0], &dy, call.n, &g);
            if let Some(db) = dw.get_mut(1) {
                dense::scalar::backward_bias(db, &dy, call.n * g.windows.positions(), g.cin);
            }
        }
        OpKind::Pool { pool, n, windows } => {
            pool::scalar::backward(&mut dx[0], dy, call.x[0], y, pool, call.n, n, &windows, true);
        }
        _ => return false,
    }
    true
}
