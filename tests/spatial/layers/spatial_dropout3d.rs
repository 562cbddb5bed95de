use std::slice;

use keras::__private::kernels::Isa;
use keras::sequential;

use crate::layer_test;
use crate::support::interpret::Random;
use crate::support::run::{Ran, run};

layer_test!(inference, sequential!(Input((1, 2, 3, 2)), SpatialDropout3D(0.5)), ["spatial_dropout3d_inference"]);
layer_test!(within, sequential!(Input((1, 2, 3, 2)), Dense(3), SpatialDropout3D(0.3), Dense(2)));
layer_test!(seeded, sequential!(Input((1, 2, 3, 2)), SpatialDropout3D(rate = 0.25, seed = 9), Dense(3, gelu)));

/// Channels are dropped as a whole, each sample's for itself; what is kept is scaled.
#[test]
fn whole_channels() {
    let model = sequential!(Input((5, 5, 4, 40)), SpatialDropout3D(0.25));
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

layer_test!(first, sequential!(Input((2, 1, 2, 3)), SpatialDropout3D(0.3, channels_first), Dense(2)));
layer_test!(half, sequential!(Input((2, 1, 3, 4)), SpatialDropout3D(0.5)), ["spatial_dropout3d"]);
layer_test!(
    first_drawn,
    sequential!(Input((4, 2, 1, 3)), SpatialDropout3D(0.25, data_format = channels_first)),
    ["spatial_dropout3d_first"]
);
layer_test!(seed, sequential!(Input((1, 2, 2, 5)), SpatialDropout3D(0.4, seed = 8)), ["spatial_dropout3d_seed"]);

/// The same where the channels come first: each lies in one piece.
#[test]
fn whole_channels_first() {
    let model = sequential!(Input((40, 5, 5, 4)), SpatialDropout3D(0.25, data_format = channels_first));
    let x: Vec<f32> = (1..=80_000).map(|i| i as f32).collect();
    let random = Random { training: true, seed: 6, step: 1, frozen: false, rounds: true };
    for isa in Isa::available() {
        let Ran { outputs, inferred, .. } = run(&*model, slice::from_ref(&x), slice::from_ref(&x), 20, isa, random);
        assert_eq!(inferred[0], x);
        let mut kept = 0;
        for (channel, x) in outputs[0].chunks_exact(100).zip(x.chunks_exact(100)) {
            let scale = if channel[0] == 0.0 { 0.0 } else { 1.0 / 0.75 };
            kept += i32::from(scale > 0.0);
            for (y, x) in channel.iter().zip(x) {
                assert!((y - x * scale).abs() <= 1e-6 * x, "{y} of {x} on {isa:?}");
            }
        }
        assert!((539..=661).contains(&kept), "{kept} of 800 channels kept at rate 0.25");
    }
}
