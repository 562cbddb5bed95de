use std::slice;

use keras::__private::kernels::Isa;
use keras::{model, sequential};

use crate::layer_test;
use crate::support::close32;
use crate::support::interpret::Random;
use crate::support::run::run;

layer_test!(inference, sequential!(Input(4), Dropout(0.5)), ["dropout_0.5_inference"]);
layer_test!(within, sequential!(Input(6), Dense(5, relu), Dropout(0.5), Dense(4, softmax)));
layer_test!(seeded, sequential!(Input((2, 3)), Dropout(0.25, seed = 9), Dense(3, gelu), Dropout(rate = 0.8)));
layer_test!(two_streams, model!(|x: [6]| Dropout(0.5)(x) + Dropout(0.5)(x)));
layer_test!(nothing_dropped, sequential!(Input(4), Dropout(0.0), Dense(2)));
layer_test!(rows, sequential!(Input((4, 3)), Dropout(0.5, noise_shape = (None, 4, 1)), Dense(2)));
layer_test!(for_all, sequential!(Input((4, 3)), Dropout(0.5, (1, 4, None)), Dense(2)));
layer_test!(middle, sequential!(Input((2, 3, 2)), Dropout(0.5, (None, 1, 3, 1)), Dense(2)));
layer_test!(quarter, sequential!(Input(6), Dropout(0.25)), ["dropout_quarter"]);
layer_test!(most, sequential!(Input((2, 4)), Dropout(0.8, seed = 9)), ["dropout_most"]);
layer_test!(long, sequential!(Input(67), Dropout(0.3)), ["dropout_long"]);
layer_test!(by_step, sequential!(Input((4, 3)), Dropout(0.5, noise_shape = (None, 4, 1))), ["dropout_by_step"]);
layer_test!(one_for_all, sequential!(Input((4, 3)), Dropout(0.5, (1, 4, None))), ["dropout_for_all"]);

fn random(seed: u64, step: u64) -> Random {
    Random { training: true, seed, step, frozen: false, rounds: true }
}

/// What is kept is scaled by 1 / (1 − rate), and the gradient passes where the value did.
#[test]
fn kept_and_scaled() {
    let model = sequential!(Input(500), Dropout(0.25));
    let x: Vec<f32> = (1..=1000).map(|i| i as f32).collect();
    let dy: Vec<f32> = x.iter().map(|x| 2.0 * x).collect();
    for isa in Isa::available() {
        let ran = run(&*model, slice::from_ref(&x), slice::from_ref(&dy), 2, isa, random(3, 1));
        let mask: Vec<f64> = ran.outputs[0].iter().map(|&y| if y == 0.0 { 0.0 } else { 1.0 }).collect();
        let kept = mask.iter().sum::<f64>();
        // Five standard deviations of a binomial of 1000 at 0.75 are 69.
        assert!((681.0..=819.0).contains(&kept), "{kept} of 1000 kept at rate 0.25");
        let scaled = |v: &[f32]| v.iter().zip(&mask).map(|(&v, m)| f64::from(v) * m / 0.75).collect::<Vec<_>>();
        close32("output", &ran.outputs[0], &scaled(&x), 1e-6);
        close32("gradient", &ran.input_grads[0], &scaled(&dy), 1e-6);
        assert_eq!(ran.inferred[0], x);
    }
}

#[test]
fn each_seed_and_step_draws_anew() {
    let model = sequential!(Input(64), Dropout(0.5));
    let draw = |seed, step| {
        run(&*model, &[vec![1.0; 64]], &[vec![0.0; 64]], 1, Isa::current(), random(seed, step)).outputs[0].clone()
    };
    assert_eq!(draw(1, 1), draw(1, 1));
    assert_ne!(draw(1, 1), draw(1, 2));
    assert_ne!(draw(1, 1), draw(2, 1));
}

/// One mask for all samples, of which each row is dropped as a whole.
#[test]
fn a_mask_with_a_shape_of_its_own() {
    let model = sequential!(Input((50, 4)), Dropout(0.5, noise_shape = (1, 50, 1)));
    let ran = run(&*model, &[vec![1.0; 600]], &[vec![0.0; 600]], 3, Isa::current(), random(1, 1));
    let (first, others) = ran.outputs[0].split_at(200);
    assert!(others.chunks_exact(200).all(|sample| sample == first));
    assert!(first.chunks_exact(4).all(|row| row == [0.0; 4] || row == [2.0; 4]));
    let kept = first.iter().filter(|&&y| y > 0.0).count() / 4;
    // Five standard deviations of a binomial of 50 at 0.5 are 18.
    assert!((7..=43).contains(&kept), "{kept} of 50 rows kept at rate 0.5");
}
