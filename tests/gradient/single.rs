//! `f32`.

use super::*;

gradient! {
    fn xor_loss(w: [[f32; 4]; 2], b: [f32; 4], v: [f32; 4], c: f32; x: [[f32; 2]; 4], y: [f32; 4]) -> f32 {
        let hidden = (x.matmul(w) + b).tanh();
        let logits = hidden.matmul(v) + c;
        // Binary crossentropy from logits.
        (logits.softplus() - logits * y).mean()
    }
}

fn xor_oracle(w: [[f64; 4]; 2], b: [f64; 4], v: [f64; 4], c: f64) -> f64 {
    let data = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)];
    let mut sum = 0.0;
    for (x, y) in data {
        let hidden: [f64; 4] = core::array::from_fn(|j| (x[0] * w[0][j] + x[1] * w[1][j] + b[j]).tanh());
        let logit = (0..4).map(|j| hidden[j] * v[j]).sum::<f64>() + c;
        sum += (1.0 + logit.exp()).ln() - logit * y;
    }
    sum / 4.0
}

const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const Y: [f32; 4] = [0.0, 1.0, 1.0, 0.0];

#[test]
fn single_precision_against_an_oracle_in_double() {
    let w = matrix::<2, 4>(7).map(|row| row.map(|x| x as f32));
    let (b, v, c) = (numbers::<4>(8).map(|x| x as f32), numbers::<4>(9).map(|x| x as f32), 0.1f32);
    let (_, (dw, ..)) = xor_loss_grad(&w, &b, &v, &c, &X, &Y);
    let double = w.map(|row| row.map(f64::from));
    let (b, v) = (b.map(f64::from), v.map(f64::from));
    for i in 0..2 {
        for j in 0..4 {
            let shifted = |step: f64| {
                let mut w = double;
                w[i][j] += step;
                xor_oracle(w, b, v, f64::from(c))
            };
            let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            assert!((f64::from(dw[i][j]) - expected).abs() < 1e-6, "{} instead of {expected}", dw[i][j]);
        }
    }
}

#[test]
fn training_by_hand_converges() {
    let mut w = matrix::<2, 4>(7).map(|row| row.map(|x| x as f32));
    let (mut b, mut v, mut c) = ([0.0f32; 4], numbers::<4>(9).map(|x| x as f32), 0.0f32);
    let first = xor_loss(w, b, v, c, X, Y);
    for _ in 0..2000 {
        let (_, (dw, db, dv, dc)) = xor_loss_grad(&w, &b, &v, &c, &X, &Y);
        let step = |p: &mut [f32], d: &[f32]| p.iter_mut().zip(d).for_each(|(p, d)| *p -= 0.5 * d);
        step(w.as_flattened_mut(), dw.as_flattened());
        step(&mut b, &db);
        step(&mut v, &dv);
        c -= 0.5 * dc;
    }
    let last = xor_loss(w, b, v, c, X, Y);
    assert!(first > 0.5 && last < 0.05, "from {first} to {last}");
}
