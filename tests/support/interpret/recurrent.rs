//! Cells that go through time.

use keras::__private::graph::OpKind;
use keras::__private::kernels::dropout;
use keras::__private::kernels::recurrent::{Given, Recurrent, Saved, Weights, scalar};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// Memory for what a layer keeps.
struct Kept([Vec<f64>; 9]);

impl Kept {
    fn new(l: &Recurrent, n: usize) -> Kept {
        let lens = [
            l.gates_len(),
            l.a_len(),
            l.aux_len(),
            l.pre_len(),
            l.h_len(),
            l.drop_len(),
            l.state_len(),
            l.sums_len(),
            l.work_len(),
        ];
        Kept(lens.map(|len| vec![0.0; n * len]))
    }

    fn saved(&mut self) -> Saved<'_, f64> {
        let [gates, a, aux, pre, h, drop, state, sums, work] = &mut self.0;
        Saved { gates, a, aux, pre, h, drop, state, sums, work }
    }
}

pub(super) fn weights<'a>(call: &Call<'a>) -> Weights<'a, f64> {
    Weights { kernel: call.w[0], recurrent: call.w[1], bias: call.w.get(2).copied() }
}

/// Which inputs the initial h, the initial c, and a mask are, of those that are given.
pub(super) fn inputs(given: [bool; 3]) -> [Option<usize>; 3] {
    let mut next = 0;
    given.map(|given| {
        next += usize::from(given);
        given.then_some(next)
    })
}

/// The forward pass, and what it keeps.
fn run(call: &Call<'_>, y: &mut [f64]) -> Option<(Recurrent, Kept, Option<usize>)> {
    let OpKind::Recurrent { layer: l, given, rate, stream, seed } = call.kind else { return None };
    let mut kept = Kept::new(&l, call.n);
    kept.0[5].fill(1.0);
    if call.random.training && rate > 0.0 {
        dropout::scalar::forward(&mut kept.0[5], None, rate, call.random.key(seed, stream), 0);
    }
    let [h, c, mask] = inputs(given);
    let of = |i: Option<usize>| i.map(|i| call.x[i]);
    let given = Given { h: of(h), c: of(c), mask: of(mask) };
    scalar::forward(&l, y, call.x[0], given, weights(call), &mut kept.saved());
    Some((l, kept, mask))
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    run(call, y).is_some()
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let Some((l, mut kept, mask)) = run(call, &mut y.to_vec()) else { return false };
    scalar::backward(&l, dy, mask.map(|mask| call.x[mask]), weights(call), &mut kept.saved());
    let [gates, a, aux, .., state, _, _] = &kept.0;
    scalar::backward_data(&l, &mut dx[0], gates, call.w[0], true);
    let states = (1..dx.len()).filter(|input| Some(*input) != mask);
    for (i, input) in states.enumerate() {
        for (dx, state) in dx[input].chunks_exact_mut(l.units).zip(state.chunks_exact(l.state_len())) {
            dx.copy_from_slice(&state[i * l.units..][..l.units]);
        }
    }
    scalar::backward_kernel(&l, &mut dw[0], call.x[0], gates);
    scalar::backward_recurrent(&l, &mut dw[1], a, gates, aux);
    if let Some(db) = dw.get_mut(2) {
        scalar::backward_bias(&l, db, gates, aux);
    }
    true
}
