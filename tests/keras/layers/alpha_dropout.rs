use std::slice;

use keras::__private::kernels::Isa;
use keras::sequential;

use crate::layer_test;
use crate::support::interpret::Random;
use crate::support::run::{Ran, run};

layer_test!(inference, sequential!(Input(4), AlphaDropout(0.5)), ["alpha_dropout_inference"]);
layer_test!(within, sequential!(Input(6), Dense(5, selu), AlphaDropout(0.3), Dense(4, softmax)));
layer_test!(seeded, sequential!(Input((2, 3)), AlphaDropout(rate = 0.25, seed = 9), Dense(3, gelu)));
layer_test!(shape, sequential!(Input((4, 3)), AlphaDropout(0.5, noise_shape = (None, 1, 3)), Dense(2)));
layer_test!(none, sequential!(Input(4), AlphaDropout(0.0), Dense(2)));
layer_test!(quarter, sequential!(Input(6), AlphaDropout(0.25)), ["alpha_dropout"]);
layer_test!(half, sequential!(Input((2, 4)), AlphaDropout(0.5, seed = 9)), ["alpha_dropout_half"]);
layer_test!(
    by_step,
    sequential!(Input((4, 3)), AlphaDropout(0.4, noise_shape = (None, 4, 1))),
    ["alpha_dropout_by_step"]
);

/// As Keras has it: a·x + b where an element is kept, a·α′ + b where not, with a = ((1 − r)(1 + r α′²))^−½, b = −a α′ r.
#[test]
fn values_and_moments() {
    const ALPHA: f64 = -1.758_099_340_847_376_6;
    let a = (0.75 * (1.0 + 0.25 * ALPHA * ALPHA)).powf(-0.5);
    let b = -a * ALPHA * 0.25;
    let model = sequential!(Input(5000), AlphaDropout(0.25));
    let (x, dy) = (vec![1.5; 20_000], vec![2.0; 20_000]);
    let random = Random { training: true, seed: 5, step: 1, frozen: false, rounds: true };
    for isa in Isa::available() {
        let Ran { outputs, inferred, input_grads, .. } =
            run(&*model, slice::from_ref(&x), slice::from_ref(&dy), 4, isa, random);
        assert_eq!(inferred[0], x);
        let mut kept = 0.0;
        for (y, dx) in outputs[0].iter().zip(&input_grads[0]) {
            let keep = *dx != 0.0;
            kept += f64::from(u8::from(keep));
            let (expected, slope) = if keep { (a * 1.5 + b, 2.0 * a) } else { (a * ALPHA + b, 0.0) };
            assert!((f64::from(*y) - expected).abs() < 1e-6, "{y}, not {expected}, on {isa:?}");
            assert!((f64::from(*dx) - slope).abs() < 1e-6, "{dx}, not {slope}, on {isa:?}");
        }
        // Five standard errors.
        assert!((kept / 20_000.0 - 0.75).abs() < 5.0 * f64::sqrt(0.75 * 0.25 / 20_000.0), "{kept} kept");
    }
}
