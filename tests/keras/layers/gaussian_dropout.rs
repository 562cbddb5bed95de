use std::slice;

use keras::__private::kernels::Isa;
use keras::sequential;

use crate::layer_test;
use crate::support::interpret::Random;
use crate::support::run::{Ran, run};

layer_test!(inference, sequential!(Input(4), GaussianDropout(0.5)), ["gaussian_dropout_inference"]);
layer_test!(within, sequential!(Input(6), Dense(5, relu), GaussianDropout(0.3), Dense(4, softmax)));
layer_test!(seeded, sequential!(Input((2, 3)), GaussianDropout(rate = 0.25, seed = 9), Dense(3, gelu)));
layer_test!(none, sequential!(Input(4), GaussianDropout(0.0), Dense(2)));
layer_test!(quarter, sequential!(Input(6), GaussianDropout(0.25)), ["gaussian_dropout"]);
layer_test!(half, sequential!(Input((2, 4)), GaussianDropout(0.5, seed = 9)), ["gaussian_dropout_half"]);
layer_test!(most, sequential!(Input(67), GaussianDropout(0.8)), ["gaussian_dropout_most"]);

/// The factor has a mean of 1 and the deviation √(rate / (1 − rate)), here 2; the gradient has the same factor.
#[test]
fn moments() {
    let model = sequential!(Input(5000), GaussianDropout(0.8));
    let (x, dy) = (vec![3.0; 20_000], vec![2.0; 20_000]);
    let random = Random { training: true, seed: 4, step: 1, frozen: false, rounds: true };
    for isa in Isa::available() {
        let Ran { outputs, inferred, input_grads, .. } =
            run(&*model, slice::from_ref(&x), slice::from_ref(&dy), 4, isa, random);
        assert_eq!(inferred[0], x);
        let factors: Vec<f64> = outputs[0].iter().map(|y| f64::from(*y) / 3.0).collect();
        for (factor, dx) in factors.iter().zip(&input_grads[0]) {
            assert!((2.0 * factor - f64::from(*dx)).abs() < 1e-5);
        }
        let moment = |p| factors.iter().map(|f| ((f - 1.0) / 2.0).powi(p)).sum::<f64>() / 20_000.0;
        for (p, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let error = 5.0 * f64::sqrt(variance / 20_000.0);
            assert!((moment(p) - expected).abs() < error, "moment {p} on {isa:?}: {}", moment(p));
        }
    }
}
