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

gradient! {
    fn bowl(w: [f32; 2], a: f32; scale: f32) -> f32 {
        ((w * a).square().sum() + scale * 0.5 * a).exp()
    }

    /// Constants as arguments, and the same value as two of them.
    fn slopes(a: f32) -> f32 {
        let (value, (dw, da)) = bowl_grad([a, 0.25], a, 2.0);
        dw.sum() * value + da + bowl([0.5, 0.25], 0.5, a)
    }
}

#[test]
fn second_derivatives_in_single_precision() {
    // The same in double, written out: with s = 1/16 the value is v = exp(a⁴ + s a² + a), the gradients are
    // dw = 2 a² v (a, 1/4) and da = v (2 a (a² + s) + 1), and the last term is exp(5/64 + a/4).
    let slopes_in_double = |a: f64| {
        let v = (a.powi(4) + a * a / 16.0 + a).exp();
        let (dw, da) = (2.0 * a * a * v * (a + 0.25), v * (2.0 * a * (a * a + 0.0625) + 1.0));
        dw * v + da + (5.0 / 64.0 + 0.25 * a).exp()
    };
    let (value, da) = slopes_grad(&0.3);
    let a = f64::from(0.3f32);
    let expected = (slopes_in_double(a + 1e-5) - slopes_in_double(a - 1e-5)) / 2e-5;
    assert!((f64::from(value) - slopes_in_double(a)).abs() < 1e-6, "{value} instead of {}", slopes_in_double(a));
    assert!((f64::from(da) - expected).abs() < 1e-5, "{da} instead of {expected}");
}
