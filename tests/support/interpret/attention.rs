//! Attention.

use keras::__private::graph::OpKind;
use keras::__private::kernels::attention::{Dropped, Heads, Masked, scalar};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

/// What the op takes besides query, key and value.
type Others<'a> = (Heads, Masked<'a, f64>, Option<f64>, Option<Dropped>);

fn others<'a>(call: &Call<'a>) -> Option<Others<'a>> {
    let OpKind::Attention { heads, masks, rate, stream, seed } = call.kind else { return None };
    let queries = if masks[0] { call.x[3] } else { &[] };
    let keys = if masks[1] { call.x[3 + usize::from(masks[0])] } else { &[] };
    let key = call.random.key(seed, stream);
    let dropped = (call.random.training && rate > 0.0).then_some(Dropped { rate, key, first: 0 });
    Some((heads, Masked { queries, keys }, call.w.first().map(|weight| weight[0]), dropped))
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    let Some((heads, masked, weight, dropped)) = others(call) else { return false };
    let qkv = [call.x[0], call.x[1], call.x[2]];
    scalar::forward(y, qkv, masked, weight, dropped, &heads, &mut vec![0.0; heads.keys]);
    true
}

fn backward(call: &Call<'_>, _: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    let Some((heads, masked, weight, dropped)) = others(call) else { return false };
    let qkv = [call.x[0], call.x[1], call.x[2]];
    let mut learnt = vec![0.0; if weight.is_some() { call.n } else { 0 }];
    let [dq, dk, dv, ..] = dx else { unreachable!() };
    let tmp = &mut vec![0.0; 2 * heads.keys];
    scalar::backward([dq, dk, dv, &mut learnt], dy, qkv, masked, weight, dropped, &heads, tmp);
    if let Some(dw) = dw.first_mut() {
        dw[0] += learnt.iter().sum::<f64>();
    }
    true
}
