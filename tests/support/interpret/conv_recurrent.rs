//! Cells that go through time, whose products are convolutions.

use keras::__private::graph::OpKind;
use keras::__private::kernels::conv_recurrent::{ConvRecurrent, Given, Saved, scalar};
use keras::__private::kernels::dropout;

use super::recurrent::{inputs, weights};
use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// Memory for what a layer keeps.
type Kept = [Vec<f64>; 9];

fn saved(kept: &mut Kept) -> Saved<'_, f64> {
    let [gates, a, aux, pre, h, drop, state, sums, work] = kept;
    Saved { gates, a, aux, pre, h, drop, state, sums, work }
}

/// The forward pass, what it keeps, and which input is the mask.
fn run(call: &Call<'_>, y: &mut [f64]) -> Option<(&'static ConvRecurrent, Kept, Option<usize>)> {
    let OpKind::ConvRecurrent { layer: l, given, rate, stream, seed } = call.kind else { return None };
    let mut kept = l.lens().map(|len| vec![0.0; call.n * len]);
    kept[5].fill(1.0);
    if call.random.training && rate > 0.0 {
        dropout::scalar::forward(&mut kept[5], None, rate, call.random.key(seed, stream), 0);
    }
    let [h, c, mask] = inputs(given);
    let of = |i: Option<usize>| i.map(|i| call.x[i]);
    let given = Given { h: of(h), c: of(c), mask: of(mask) };
    scalar::forward(l, y, call.x[0], given, weights(call), &mut saved(&mut kept));
    Some((l, kept, mask))
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    run(call, y).is_some()
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let Some((l, mut kept, mask)) = run(call, &mut y.to_vec()) else { return false };
    scalar::backward(l, dy, mask.map(|mask| call.x[mask]), weights(call), &mut saved(&mut kept));
    let [gates, a, .., state, _, _] = &kept;
    scalar::backward_data(l, &mut dx[0], gates, call.w[0], true);
    let (u, states) = (l.cell.units, (1..dx.len()).filter(|input| Some(*input) != mask));
    for (i, input) in states.enumerate() {
        for (dx, state) in dx[input].chunks_exact_mut(u).zip(state.chunks_exact(2 * u)) {
            dx.copy_from_slice(&state[i * u..][..u]);
        }
    }
    scalar::backward_kernel(l, &mut dw[0], call.x[0], gates);
    scalar::backward_recurrent(l, &mut dw[1], a, gates);
    if let Some(db) = dw.get_mut(2) {
        scalar::backward_bias(l, db, gates);
    }
    true
}
