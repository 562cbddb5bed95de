use std::slice;

use keras::__private::kernels::Isa;
use keras::sequential;

use crate::layer_test;
use crate::support::interpret::Random;
use crate::support::run::{Ran, run};

layer_test!(inference, sequential!(Input(4), GaussianNoise(0.5)), ["gaussian_noise_inference"]);
layer_test!(within, sequential!(Input(6), Dense(5, relu), GaussianNoise(0.1), Dense(4, softmax)));
layer_test!(seeded, sequential!(Input((2, 3)), GaussianNoise(stddev = 0.25, seed = 9), Dense(3, gelu)));
layer_test!(none, sequential!(Input(4), GaussianNoise(0.0), Dense(2)));
layer_test!(quarter, sequential!(Input(6), GaussianNoise(0.25)), ["gaussian_noise"]);
layer_test!(one, sequential!(Input((2, 4)), GaussianNoise(1.0, seed = 9)), ["gaussian_noise_one"]);
layer_test!(little, sequential!(Input(67), GaussianNoise(0.05)), ["gaussian_noise_little"]);

/// What is added has the moments of the normal distribution, and the gradient passes.
#[test]
fn moments() {
    let model = sequential!(Input(5000), GaussianNoise(0.5));
    let (x, dy) = (vec![3.0; 20_000], vec![2.0; 20_000]);
    let random = Random { training: true, seed: 3, step: 1, frozen: false, rounds: true };
    for isa in Isa::available() {
        let Ran { outputs, inferred, input_grads, .. } =
            run(&*model, slice::from_ref(&x), slice::from_ref(&dy), 4, isa, random);
        assert_eq!(inferred[0], x);
        assert_eq!(input_grads[0], dy);
        let noise: Vec<f64> = outputs[0].iter().map(|y| (f64::from(*y) - 3.0) / 0.5).collect();
        let moment = |p| noise.iter().map(|n| n.powi(p)).sum::<f64>() / 20_000.0;
        // Five standard errors of each moment.
        for (p, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let error = 5.0 * f64::sqrt(variance / 20_000.0);
            assert!((moment(p) - expected).abs() < error, "moment {p} on {isa:?}: {}", moment(p));
        }
    }
}
