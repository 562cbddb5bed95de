use std::slice;

use keras::__private::kernels::Isa;
use keras::sequential;

use crate::layer_test;
use crate::support::interpret::Random;
use crate::support::run::{Ran, run};

layer_test!(inference, sequential!(Input((3, 2)), SpatialDropout1D(0.5)), ["spatial_dropout1d_inference"]);
layer_test!(within, sequential!(Input((3, 2)), Dense(3), SpatialDropout1D(0.3), Dense(2)));
layer_test!(seeded, sequential!(Input((3, 2)), SpatialDropout1D(rate = 0.25, seed = 9), Dense(3, gelu)));
layer_test!(half, sequential!(Input((3, 4)), SpatialDropout1D(0.5)), ["spatial_dropout1d"]);
layer_test!(quarter, sequential!(Input((2, 5)), SpatialDropout1D(0.25, seed = 7)), ["spatial_dropout1d_quarter"]);
layer_test!(most, sequential!(Input((4, 3)), SpatialDropout1D(0.75)), ["spatial_dropout1d_most"]);

/// Channels are dropped as a whole, each sample's for itself; what is kept is scaled.
#[test]
fn whole_channels() {
    let model = sequential!(Input((100, 40)), SpatialDropout1D(0.25));
    let x: Vec<f32> = (1..=80_000).map(|i| i as f32).collect();
    let random = Random { training: true, seed: 6, step: 1, frozen: false, rounds: true };
    for isa in Isa::available() {
        let Ran { outputs, inferred, input_grads, .. } =
            run(&*model, slice::from_ref(&x), slice::from_ref(&x), 20, isa, random);
        assert_eq!(inferred[0], x);
        assert_eq!(outputs[0], input_grads[0]);
        let mut kept = 0;
        for (sample, x) in outputs[0].chunks_exact(4000).zip(x.chunks_exact(4000)) {
            for channel in 0..40 {
                let scale = if sample[channel] == 0.0 { 0.0 } else { 1.0 / 0.75 };
                kept += i32::from(scale > 0.0);
                for (y, x) in sample[channel..].iter().zip(&x[channel..]).step_by(40) {
                    assert!((y - x * scale).abs() <= 1e-6 * x, "{y} of {x} in channel {channel} on {isa:?}");
                }
            }
        }
        // Five standard deviations of a binomial of 800 at 0.75 are 61.
        assert!((539..=661).contains(&kept), "{kept} of 800 channels kept at rate 0.25");
    }
}
