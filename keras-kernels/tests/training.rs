//! Penalties and optimizers' updates of every instruction set against the scalar bodies in `f64`.

mod common;

use common::{EPSILON, Guarded, LENGTHS, Random, close, same_bits, wide};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{Isa, adam, sgd};

#[test]
fn penalties() {
    let mut random = Random::new(8);
    for len in LENGTHS {
        let mut w = random.floats(len);
        if let Some(w) = w.first_mut() {
            *w = 0.0;
        }
        for p in [Penalty { l1: 0.25, l2: 0.0 }, Penalty { l1: 0.0, l2: 0.5 }, Penalty { l1: 0.1, l2: 0.01 }] {
            let value = penalty::scalar::value(&wide(&w), p);
            let mut slope = vec![0.0; len];
            penalty::scalar::backward(&mut slope, &wide(&w), p);
            for isa in Isa::available() {
                let guarded = Guarded::new(&w, 1);
                let bound = (len + 4) as f64 * EPSILON * value;
                close("penalty", &[penalty::value(isa, guarded.get(), p)], &[value], |_| bound);

                let before = random.floats(len);
                let mut dx = Guarded::new(&before, 1);
                penalty::activity_backward(isa, dx.get_mut(), guarded.get(), p, 0.125);
                let expected: Vec<f64> =
                    before.iter().zip(&slope).map(|(&before, slope)| f64::from(before) + 0.125 * slope).collect();
                close("penalty on activities", dx.get(), &expected, |_| 4.0 * EPSILON);

                let (mut weights, mut grads) = (w.clone(), before.clone());
                let mut sink = Sink::store(&mut weights, &mut grads, &[]);
                penalty::backward(isa, sink.param(0, 0, len, Use::Last).unwrap(), p);
                let expected: Vec<f64> =
                    before.iter().zip(&slope).map(|(&before, slope)| f64::from(before) + slope).collect();
                close("penalty on weights", &grads, &expected, |_| 4.0 * EPSILON);
            }
        }
    }
}

#[test]
fn gradient_descent() {
    let mut random = Random::new(9);
    for len in LENGTHS {
        let (w, g, m) = (random.floats(len), random.floats(len), random.floats(len));
        for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
            for decay in [0.0, 0.001] {
                let m = if momentum == 0.0 { Vec::new() } else { m.clone() };
                let (mut w64, mut m64) = (wide(&w), wide(&m));
                let factor = f64::from(momentum);
                sgd::scalar::update(&mut w64, &wide(&g), &mut m64, 0.5, factor, nesterov, f64::from(decay));
                for isa in Isa::available() {
                    let run = |from: usize, to: usize| {
                        let mut new = (Guarded::new(&w[from..to], 1), Guarded::new(m.get(from..to).unwrap_or(&[]), 2));
                        let g = Guarded::new(&g[from..to], 3);
                        sgd::update(isa, new.0.get_mut(), g.get(), new.1.get_mut(), 0.5, momentum, nesterov, decay);
                        new
                    };
                    let whole = run(0, len);
                    close("momentum", whole.1.get(), &m64, |_| 4.0 * EPSILON);
                    close("weights", whole.0.get(), &w64, |_| 8.0 * EPSILON);
                    // An element's bits do not depend on where it lies.
                    for at in (0..len).step_by(13) {
                        let to = (at + 13).min(len);
                        same_bits("piece", run(at, to).0.get(), &whole.0.get()[at..to]);
                    }
                }
            }
        }
    }
}

#[test]
fn adaptive_moments() {
    let mut random = Random::new(10);
    for len in LENGTHS {
        let (w, g, m) = (random.floats(len), random.floats(len), random.floats(len));
        let v: Vec<f32> = random.floats(len).iter().map(|v| v.abs() + 0.01).collect();
        for amsgrad in [false, true] {
            let vhat: Vec<f32> = if amsgrad { v.iter().rev().copied().collect() } else { Vec::new() };
            let (alpha, beta_1, beta_2, epsilon, decay) = (0.01, 0.9, 0.999, 1e-7, 0.001);
            let [mut w64, mut m64, mut v64, mut vhat64] = [&w, &m, &v, &vhat].map(|x| wide(x));
            let [a, b1, b2, e, d] = [alpha, beta_1, beta_2, epsilon, decay].map(f64::from);
            adam::scalar::update(&mut w64, &wide(&g), &mut m64, &mut v64, &mut vhat64, a, b1, b2, e, d);
            for isa in Isa::available() {
                let run = |from: usize, to: usize| {
                    let mut new = [&w, &m, &v, &vhat].map(|x| Guarded::new(x.get(from..to).unwrap_or(&[]), 1));
                    let g = Guarded::new(&g[from..to], 3);
                    let [w, m, v, vhat] = new.each_mut().map(Guarded::get_mut);
                    adam::update(isa, w, g.get(), m, v, vhat, alpha, beta_1, beta_2, epsilon, decay);
                    new
                };
                let whole = run(0, len);
                for (what, got, expected) in [("m", 1, &m64), ("v", 2, &v64), ("v̂", 3, &vhat64), ("w", 0, &w64)] {
                    // The step is at most 0.01 / √0.01.
                    close(what, whole[got].get(), expected, |_| 8.0 * EPSILON);
                }
                for at in (0..len).step_by(13) {
                    let to = (at + 13).min(len);
                    same_bits("piece", run(at, to)[0].get(), &whole[0].get()[at..to]);
                }
            }
        }
    }
}
