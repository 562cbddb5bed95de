//! Rounding, and how near to another result it was.
//!
//! A sum in f32 and one in f64 differ by some of f32's errors. Where the middle between two numbers of the smaller format lies between
//! them they are rounded to different numbers, and both are right. So a test that compares the two takes data with which this
//! does not happen, and only the sums in f64 say so.

use std::cell::Cell;

use keras::__private::graph::{Graph, OpKind, Precision};
use keras::__private::kernels::round::scalar::{backward, forward, rounded};

use super::{Backward, Call, Family, Random, len};

thread_local! {
    static MARGIN: Cell<f64> = const { Cell::new(f64::INFINITY) };
}

/// What one number less makes no difference to a tensor, relative to its largest magnitude.
const NEGLIGIBLE: f64 = 1e-5;

/// Nothing has been rounded yet.
pub(super) fn begin() {
    MARGIN.set(f64::INFINITY);
}

/// The least distance of a rounded number from the middle between two numbers of the format, relative to the largest magnitude of
/// its tensor. A number in the middle itself is not counted: such a one is a sum of few digits, which is exact in f32 too.
pub(super) fn margin() -> f64 {
    MARGIN.get()
}

/// The weights as passes read them.
pub(super) fn weights(graph: &Graph, w: &[f64], random: Random) -> Vec<f64> {
    let mut w = w.to_vec();
    for param in graph.params.iter().filter(|_| random.rounds) {
        forward(&mut w[param.at..param.at + len(param.shape)], None, param.precision);
    }
    w
}

fn measure(x: &[f64], to: Precision) {
    let scale = x.iter().fold(0.0f64, |max, x| max.max(x.abs()));
    // A number that is larger or smaller by this share is nearest to the next one of the format.
    let step = match to {
        Precision::Float32 => return,
        Precision::Bfloat16 => 0.0045,
        Precision::Float16 => 0.0045 / 8.0,
    };
    for &x in x {
        let nearest = rounded(x, to);
        let beside = [1.0 - step, 1.0 + step].map(|by| rounded(nearest * by, to));
        for other in beside.into_iter().filter(|other| (other - nearest).abs() > NEGLIGIBLE * scale) {
            let distance = (x - (nearest + other) / 2.0).abs();
            if distance > 0.0 {
                MARGIN.set(MARGIN.get().min(distance / scale));
            }
        }
    }
}

fn forward_of(call: &Call<'_>, y: &mut [f64]) -> bool {
    let OpKind::Round { to } = call.kind else { return false };
    y.copy_from_slice(call.x[0]);
    if call.random.rounds {
        measure(y, to);
        forward(y, None, to);
    }
    true
}

const BACKWARD: Backward = |call, _, dy, dxs, _| {
    let OpKind::Round { to } = call.kind else { return false };
    if call.random.rounds {
        measure(dy, to);
        backward(&mut dxs[0], Some(dy), to, true);
    } else {
        dxs[0].iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy);
    }
    true
};

pub(super) const FAMILY: Family = Family { forward: forward_of, backward: BACKWARD };
