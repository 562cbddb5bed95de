//! Attention.

use keras::__private::graph::OpKind;
use keras::__private::kernels::attention::{Dropped, Learnt, Masked, scalar};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// The masks behind so many other inputs, and the factors.
fn others<'a>(
    call: &Call<'a>,
    given: usize,
    masks: [bool; 3],
    factors: [bool; 2],
) -> (Masked<'a, f64>, Learnt<'a, f64>) {
    let (mut x, mut w) = (call.x[given..].iter(), call.w.iter());
    let [queries, keys, pairs] = masks.map(|there| if there { *x.next().unwrap() } else { &[] });
    let [scores, inner] = factors.map(|there| if there { *w.next().unwrap() } else { &[] });
    (Masked { queries, keys, pairs }, Learnt { scores, inner })
}

fn dropped(call: &Call<'_>, rate: f32, stream: u32, seed: Option<u64>) -> Option<Dropped> {
    let key = call.random.key(seed, stream);
    (call.random.training && rate > 0.0).then_some(Dropped { rate, key, first: 0 })
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Attention { heads, masks, factors, rate, stream, seed } => {
            let (masked, learnt) = others(call, 3, masks, factors);
            let (qkv, dropped) = ([call.x[0], call.x[1], call.x[2]], dropped(call, rate, stream, seed));
            scalar::forward(y, qkv, masked, learnt, dropped, &heads, &mut vec![0.0; heads.keys]);
        }
        OpKind::AttentionWeights { heads, masks, factors } => {
            let (masked, learnt) = others(call, 2, masks, factors);
            scalar::weights(y, [call.x[0], call.x[1]], masked, learnt, &heads);
        }
        OpKind::AttentionMix { heads } => scalar::mix(y, call.x[0], call.x[1], &heads),
        _ => return false,
    }
    true
}

/// The gradients of the factors from those of each sample.
fn summed(of: [Vec<f64>; 2], factors: [bool; 2], dw: &mut [Vec<f64>]) {
    let there = of.iter().zip(factors).filter(|(_, there)| *there);
    for (dw, (of, _)) in dw.iter_mut().zip(there) {
        for of in of.chunks_exact(dw.len()) {
            dw.iter_mut().zip(of).for_each(|(dw, of)| *dw += of);
        }
    }
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let each = |learnt: Learnt<'_, f64>| [learnt.scores, learnt.inner].map(|of| vec![0.0; of.len() * call.n]);
    match call.kind {
        OpKind::Attention { heads, masks, factors, rate, stream, seed } => {
            let (masked, learnt) = others(call, 3, masks, factors);
            let [mut scores, mut inner] = each(learnt);
            let (qkv, dropped) = ([call.x[0], call.x[1], call.x[2]], dropped(call, rate, stream, seed));
            let [dq, dk, dv, ..] = dx else { unreachable!() };
            let (gradients, tmp) = ([dq, dk, dv, &mut scores, &mut inner], &mut vec![0.0; 2 * heads.keys]);
            scalar::backward(gradients.map(Vec::as_mut_slice), dy, qkv, masked, learnt, dropped, &heads, tmp);
            summed([scores, inner], factors, dw);
        }
        OpKind::AttentionWeights { heads, masks, factors } => {
            let (masked, learnt) = others(call, 2, masks, factors);
            let [mut scores, mut inner] = each(learnt);
            let [dq, dk, ..] = dx else { unreachable!() };
            let gradients = [dq, dk, &mut scores, &mut inner].map(Vec::as_mut_slice);
            scalar::weights_backward(gradients, dy, y, [call.x[0], call.x[1]], masked, learnt, &heads);
            summed([scores, inner], factors, dw);
        }
        OpKind::AttentionMix { heads } => {
            let [dp, dv] = dx else { unreachable!() };
            scalar::mix_backward([dp, dv], dy, call.x[0], call.x[1], &heads);
        }
        _ => return false,
    }
    true
}
