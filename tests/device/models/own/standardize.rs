use keras::layer::{Backward, Call, Cuda};
use keras::{Layer, Weights};

/// Brings each feature to a mean of 0 and a variance of 1, by means that follow the batches, and scales it by a weight.
pub(crate) struct Standardize {
    momentum: f32,
}

impl Standardize {
    pub(crate) const fn new(momentum: f32) -> Standardize {
        Standardize { momentum }
    }
}

#[derive(Weights)]
#[repr(C)]
pub(crate) struct Standards<const N: usize> {
    #[weight(initializer = Ones)]
    gain: [f32; N],
    #[weight(initializer = Zeros, trainable = false)]
    mean: [f32; N],
    #[weight(initializer = Ones, trainable = false)]
    variance: [f32; N],
}

impl<const N: usize> Standards<N> {
    fn slope(&self, i: usize) -> f32 {
        1.0 / (self.variance[i] + 1e-3).sqrt()
    }
}

impl<const N: usize> Layer<[f32; N]> for Standardize {
    type Output = [f32; N];
    type Weights = Standards<N>;
    type Saved = [f32; N];

    fn forward(&self, _: &Call, w: &Standards<N>, x: &[[f32; N]], y: &mut [[f32; N]], saved: &mut [[f32; N]]) {
        for ((y, x), saved) in y.iter_mut().zip(x).zip(saved) {
            *saved = std::array::from_fn(|i| (x[i] - w.mean[i]) * w.slope(i));
            *y = std::array::from_fn(|i| saved[i] * w.gain[i]);
        }
    }

    fn backward_data(&self, _: &Call, w: &Standards<N>, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            for i in 0..N {
                dx[i] += dy[i] * w.gain[i] * w.slope(i);
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Standards<N>, pass: Backward<'_, [f32; N], Self>, dw: &mut Standards<N>) {
        for (saved, dy) in pass.saved.iter().zip(pass.dy) {
            for i in 0..N {
                dw.gain[i] += saved[i] * dy[i];
            }
        }
    }

    fn update_state(&self, _: &Call, pass: Backward<'_, [f32; N], Self>, w: &mut Standards<N>) {
        let rows = pass.x.len() as f32;
        for i in 0..N {
            let mean = pass.x.iter().map(|x| x[i]).sum::<f32>() / rows;
            let variance = pass.x.iter().map(|x| (x[i] - mean).powi(2)).sum::<f32>() / rows;
            w.mean[i] = self.momentum * w.mean[i] + (1.0 - self.momentum) * mean;
            w.variance[i] = self.momentum * w.variance[i] + (1.0 - self.momentum) * variance;
        }
    }

    fn cuda(&self) -> Option<Cuda> {
        Some(Cuda::new(include_str!("standardize.cu")).constant("N", N).constant("MOMENTUM", self.momentum))
    }
}
