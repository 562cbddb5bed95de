//! What is computed, the same for everyone; python/works.py has the same data.

/// Names of the works, as criterion has them.
pub const STEP_32: &str = "train_step/mlp_784_64_10_b32";
pub const STEP_128: &str = "train_step/mlp_784_64_10_b128";
pub const STEP_WIDE: &str = "train_step/mlp_784_512_512_10_b128";
/// Adam, batches of 64 images of 28 × 28, ten classes.
pub const STEP_CNN: &str = "train_step/cnn_32_64_b64";
pub const STEP_LSTM: &str = "train_step/lstm_128_28x28_b64";
pub const STEP_ENCODER: &str = "train_step/encoder_64_28x28_b64";
pub const BATCH: usize = 64;
pub const PREDICT_CNN: &str = "predict_one/cnn_32_64";
pub const PREDICT_LSTM: &str = "predict_one/lstm_128_28x28";
pub const PREDICT: &str = "predict_one/mlp_784_64_10";
pub const PREDICT_TINY: &str = "predict_one/mlp_4_16_16_1";
pub const FIT: &str = "fit/mnist_784_64_10_b32_5_epochs";
pub const PRODUCTS: [(usize, &str); 4] = [
    (256, "gemm/256x256x256"),
    (512, "gemm/512x512x512"),
    (1024, "gemm/1024x1024x1024"),
    (2048, "gemm/2048x2048x2048"),
];

/// Learning rates so small that a batch which comes again and again is never learnt by heart: vanishing gradients are
/// subnormal numbers, which CPUs are slow at.
pub const SGD: f32 = 1e-6;
pub const ADAM: f32 = 1e-7;

/// Pixels between 0 and 1.
pub fn pixels(n: usize) -> Vec<f32> {
    (0..n * 784).map(|i| ((i / 784 * 31 + i % 784 * 17) % 256) as f32 / 255.0).collect()
}

/// Classes in turn.
pub fn classes(n: usize) -> Vec<usize> {
    (0..n).map(|i| i % 10).collect()
}

/// A matrix of n × n.
pub fn matrix(n: usize) -> Vec<f32> {
    (0..n * n).map(|i| (i * 7919 % 1009) as f32 / 1008.0 - 0.5).collect()
}

/// The least that a work has to do.
pub struct Least {
    /// Multiply-adds.
    pub fmas: f64,
    /// Bytes of weights that one row goes through; 0 where many rows share them.
    pub reads: usize,
    /// How often it goes through them.
    pub times: usize,
}

/// That of a work.
pub fn least(work: &str) -> Option<Least> {
    // A product forwards and one for the weights' gradient in each layer, one for the data's in all but the first.
    let step = |widths: &[usize], rows: usize| {
        let product = |i: usize| widths[i - 1] * widths[i] * if i == 1 { 2 } else { 3 };
        Least { fmas: ((1..widths.len()).map(product).sum::<usize>() * rows) as f64, reads: 0, times: 0 }
    };
    let prediction = |widths: &[usize]| {
        let weights: usize = widths.windows(2).map(|pair| pair[0] * pair[1] + pair[1]).sum();
        Least { fmas: weights as f64, reads: 4 * weights, times: 1 }
    };
    // The first convolution and the projection of an LSTM's inputs have no gradient of their data.
    let cnn = |first: usize, others: usize| first * 26 * 26 * 9 * 32 + others * (11 * 11 * 288 * 64 + 1600 * 10);
    let lstm = |first: usize, others: usize| first * 28 * 28 * 512 + others * (28 * 128 * 512 + 128 * 10);
    let batch = |fmas: usize| Least { fmas: (fmas * BATCH) as f64, reads: 0, times: 0 };
    Some(match work {
        STEP_CNN => batch(cnn(2, 3)),
        STEP_LSTM => batch(lstm(2, 3)),
        // Projections to 64, four of attention, two behind it, and the scores and what they mix.
        STEP_ENCODER => {
            let blocks = 4 * 64 * 64 + 2 * 64 * 128 + 2 * 28 * 64;
            batch(28 * (2 * 28 * 64 + 3 * blocks) + 3 * 64 * 10)
        }
        PREDICT_CNN => Least { fmas: cnn(1, 1) as f64, reads: 0, times: 0 },
        // The recurrent weights are read for each step.
        PREDICT_LSTM => Least { fmas: lstm(1, 1) as f64, reads: 4 * 128 * 512, times: 28 },
        STEP_32 => step(&[784, 64, 10], 32),
        STEP_128 => step(&[784, 64, 10], 128),
        STEP_WIDE => step(&[784, 512, 512, 10], 128),
        PREDICT => prediction(&[784, 64, 10]),
        PREDICT_TINY => prediction(&[4, 16, 16, 1]),
        FIT => step(&[784, 64, 10], 5 * 60_000),
        _ => {
            let n = PRODUCTS.iter().find(|(_, name)| *name == work)?.0;
            Least { fmas: (n * n * n) as f64, reads: 0, times: 0 }
        }
    })
}
