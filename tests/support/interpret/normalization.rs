//! Ops that normalize.

use keras::__private::graph::OpKind;
use keras::__private::kernels::batch_normalization::{Channels, scalar as batch};
use keras::__private::kernels::normalization::{self, Groups};

use super::{Call, Family};

pub(super) const FAMILY: Family = Family { forward, backward };

fn scratch(groups: &Groups) -> Vec<f64> {
    vec![0.0; 4 * groups.channels()]
}

/// Output and what is kept.
fn normalized(call: &Call<'_>, y: &mut [f64], groups: &Groups, gamma: bool, beta: bool) -> Vec<f64> {
    let mut stats = vec![0.0; y.len() / groups.len() * groups.groups * 2];
    let (gamma, beta) = (gamma.then(|| call.w[0]), beta.then(|| call.w[usize::from(gamma)]));
    normalization::scalar::forward(y, call.x[0], gamma, beta, &mut stats, groups, &mut scratch(groups));
    stats
}

fn mask<'a>(call: &Call<'a>) -> &'a [f64] {
    call.x.get(1).copied().unwrap_or(&[])
}

/// Mean, 1 / √(variance + ε), what corrects them in renormalization; what the batch's share in them is: 1 in training, else 0;
/// and of how many positions they are.
fn statistics(call: &Call<'_>, of: &Channels) -> ([Vec<f64>; 4], f64, f64) {
    let c = of.channels;
    let (mut mean, mut variance) = (vec![0.0; c], vec![0.0; c]);
    let (mut r, mut d) = (vec![1.0; c], vec![0.0; c]);
    // Of renormalization there are three more.
    let state = call.w.len() - if of.renorm.is_some() { 5 } else { 2 };
    let (learns, mut samples) = (call.random.training && call.trainable, 1.0);
    if learns {
        let mut stats = vec![0.0; of.statistics() * call.n];
        batch::statistics(&mut stats, call.x[0], mask(call), of);
        samples = batch::combine(&mut mean, &mut variance, &stats, of);
        if of.renorm.is_some() {
            batch::corrections([&mut r, &mut d], &mean, &variance, [call.w[state + 3], call.w[state + 4]], of);
        }
    } else {
        mean.copy_from_slice(call.w[state]);
        variance.copy_from_slice(call.w[state + 1]);
    }
    batch::deviation(&mut variance, of.epsilon);
    ([mean, variance, r, d], if learns { 1.0 } else { 0.0 }, samples * of.positions as f64)
}

fn forward(call: &Call<'_>, y: &mut [f64]) -> bool {
    match call.kind {
        OpKind::Normalization { groups, gamma, beta } => drop(normalized(call, y, &groups, gamma, beta)),
        OpKind::BatchNormalization { of, gamma, beta } => {
            let ([mean, rstd, mut r, mut d], ..) = statistics(call, &of);
            let (gamma, beta) = (gamma.then(|| call.w[0]), beta.then(|| call.w[usize::from(gamma)]));
            batch::factors(&mut r, &mut d, gamma, beta);
            batch::apply(y, call.x[0], &mean, &rstd, Some(&r), Some(&d), &mut vec![0.0; of.channels]);
        }
        _ => return false,
    }
    true
}

fn backward(call: &Call<'_>, y: &[f64], dy: &[f64], dx: &mut [Vec<f64>], dw: &mut [Vec<f64>]) -> bool {
    match call.kind {
        OpKind::Normalization { groups, gamma, beta } => {
            let stats = normalized(call, &mut y.to_vec(), &groups, gamma, beta);
            let factors = gamma.then(|| call.w[0]);
            let tmp = &mut scratch(&groups);
            normalization::scalar::backward_data(&mut dx[0], dy, call.x[0], factors, &stats, &groups, true, tmp);
            if gamma {
                normalization::scalar::backward_gamma(&mut dw[0], call.x[0], dy, &stats, &groups);
            }
            if beta {
                dy.iter().enumerate().for_each(|(i, dy)| dw[usize::from(gamma)][i % groups.channels()] += dy);
            }
        }
        OpKind::BatchNormalization { of, gamma, beta } => {
            let (c, x) = (of.channels, call.x[0]);
            let ([mean, rstd, r, d], share, count) = statistics(call, &of);
            let mut sums = vec![0.0; 2 * c * call.n];
            batch::sums(&mut sums, dy, x, &mean, &rstd, &of);
            let (mut sum, mut dot) = (vec![0.0; c], vec![0.0; c]);
            batch::totals(&mut sum, &mut dot, &sums, count);
            sum.iter_mut().chain(&mut dot).for_each(|total| *total *= share);
            let factors: Vec<f64> = (0..c).map(|i| r[i] * if gamma { call.w[0][i] } else { 1.0 }).collect();
            batch::slopes(&mut dx[0], dy, x, mask(call), &mean, &rstd, &sum, &dot, Some(&factors), true);
            if gamma {
                let (mut dots, mut offsets) = (vec![0.0; c], vec![0.0; c]);
                batch::column(&mut dots, &sums, 2 * c, c);
                batch::column(&mut offsets, &sums, 2 * c, 0);
                (0..c).for_each(|i| dw[0][i] += r[i] * dots[i] + d[i] * offsets[i]);
            }
            if beta {
                batch::column(&mut dw[usize::from(gamma)], &sums, 2 * c, 0);
            }
        }
        _ => return false,
    }
    true
}
