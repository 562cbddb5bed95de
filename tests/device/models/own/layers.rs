//! Layers of one's own for the models beside this file.

use keras::layer::{Backward, Call, Cuda};
use keras::{Layer, Weights};

/// x·kernel + bias + shift, with weights of all ranks, and one that is empty.
pub(crate) struct Linear<const UNITS: usize>;

impl<const UNITS: usize> Linear<UNITS> {
    pub(crate) const fn new() -> Linear<UNITS> {
        Linear
    }
}

#[derive(Weights)]
#[repr(C)]
pub(crate) struct LinearWeights<const N: usize, const UNITS: usize> {
    none: [f32; 0],
    #[weight(regularizer = L2(0.1))]
    kernel: [[f32; UNITS]; N],
    #[weight(initializer = Zeros)]
    bias: [f32; UNITS],
    #[weight(initializer = Constant(0.25), constraint = NonNeg())]
    shift: f32,
}

impl<const N: usize, const UNITS: usize> Layer<[f32; N]> for Linear<UNITS> {
    type Output = [f32; UNITS];
    type Weights = LinearWeights<N, UNITS>;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Self::Weights, x: &[[f32; N]], y: &mut [Self::Output], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = w.bias.map(|b| b + w.shift);
            for (x, row) in x.iter().zip(&w.kernel) {
                y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
            }
        }
    }

    fn backward_data(&self, _: &Call, w: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            for (dx, row) in dx.iter_mut().zip(&w.kernel) {
                *dx += dy.iter().zip(row).map(|(dy, w)| dy * w).sum::<f32>();
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        for (x, dy) in pass.x.iter().zip(pass.dy) {
            for (x, row) in x.iter().zip(&mut dw.kernel) {
                row.iter_mut().zip(dy).for_each(|(dw, dy)| *dw += x * dy);
            }
            dw.bias.iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
            dw.shift += dy.iter().sum::<f32>();
        }
    }

    fn cuda(&self) -> Option<Cuda> {
        let source = "
            __device__ void forward(const Call& call, const Weights& w, const Input& x, Output& y, Saved&) {
                for (int j : call.share(UNITS)) {
                    float sum = w.bias[j] + w.shift;
                    for (int i = 0; i < N; ++i) sum += x[i] * w.kernel[i][j];
                    y[j] = sum;
                }
            }

            __device__ void backward_data(const Call& call, const Weights& w, const Pass& pass, Input& dx) {
                for (int i : call.share(N)) {
                    for (int j = 0; j < UNITS; ++j) dx[i] += pass.dy[j] * w.kernel[i][j];
                }
            }

            __device__ float backward_kernel(const Call&, const Weights&, const Pass& pass, int i, int j) {
                return pass.x[i] * pass.dy[j];
            }

            __device__ float backward_bias(const Call&, const Weights&, const Pass& pass, int j) { return pass.dy[j]; }

            __device__ float backward_shift(const Call&, const Weights&, const Pass& pass) {
                float sum = 0.0f;
                for (int j = 0; j < UNITS; ++j) sum += pass.dy[j];
                return sum;
            }
        ";
        Some(Cuda::new(source).constant("N", N).constant("UNITS", UNITS))
    }
}

/// [x, factor·x²]: one dimension more; the slopes of the squares are kept.
pub(crate) struct Powers(pub(crate) f32);

impl<const N: usize> Layer<[f32; N]> for Powers {
    type Output = [[f32; N]; 2];
    type Weights = ();
    type Saved = [f32; N];

    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [Self::Output], saved: &mut [[f32; N]]) {
        for ((y, x), slope) in y.iter_mut().zip(x).zip(saved) {
            *y = [*x, x.map(|x| self.0 * x * x)];
            *slope = x.map(|x| 2.0 * self.0 * x);
        }
    }

    fn backward_data(&self, _: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for ((dx, slope), dy) in dx.iter_mut().zip(pass.saved).zip(pass.dy) {
            for i in 0..N {
                dx[i] += dy[0][i] + slope[i] * dy[1][i];
            }
        }
    }

    fn cuda(&self) -> Option<Cuda> {
        let source = "
            __device__ void forward(const Call& call, const Weights&, const Input& x, Output& y, Saved& slope) {
                for (int i : call.share(int(N))) {
                    y[0][i] = x[i] > MOST || x[i] == NONE ? 0.0f : x[i];
                    y[1][i] = FACTOR * x[i] * x[i];
                    slope[i] = 2.0f * FACTOR * x[i];
                }
            }

            __device__ void backward_data(const Call& call, const Weights&, const Pass& pass, Input& dx) {
                for (int i : call.share(int(N))) dx[i] += pass.dy[0][i] + (SQUARES ? pass.saved[i] * pass.dy[1][i] : 0.0f);
            }
        ";
        let cuda = Cuda::new(source).constant("N", N).constant("FACTOR", self.0).constant("SQUARES", true);
        Some(cuda.constant("MOST", f32::INFINITY).constant("NONE", f32::NAN))
    }
}

/// Sets numbers to 0 at random while training, and takes the mean of those that are left away from them.
pub(crate) struct Drop(pub(crate) f32);

impl Drop {
    fn kept<const N: usize>(&self, call: &Call, row: usize) -> [f32; N] {
        let is_dropped = |i| call.training && call.uniform(row, i) < self.0;
        std::array::from_fn(|i| if is_dropped(i) { 0.0 } else { 1.0 })
    }
}

impl<const N: usize> Layer<[f32; N]> for Drop {
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(&self, call: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (row, (y, x)) in y.iter_mut().zip(x).enumerate() {
            let kept = self.kept::<N>(call, row);
            let mean = x.iter().zip(kept).map(|(x, kept)| x * kept).sum::<f32>() / N as f32;
            *y = std::array::from_fn(|i| x[i] * kept[i] - mean);
        }
    }

    fn backward_data(&self, call: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (row, (dx, dy)) in dx.iter_mut().zip(pass.dy).enumerate() {
            let kept = self.kept::<N>(call, row);
            let mean = dy.iter().sum::<f32>() / N as f32;
            for i in 0..N {
                dx[i] += kept[i] * (dy[i] - mean);
            }
        }
    }

    fn cuda(&self) -> Option<Cuda> {
        let source = "
            __device__ bool is_kept(const Call& call, int i) {
                return !call.training || call.uniform(call.row, i) >= RATE;
            }

            __device__ void forward(const Call& call, const Weights&, const Input& x, Output& y, Saved&) {
                float sum = 0.0f;
                for (int i : call.share(N)) {
                    y[i] = is_kept(call, i) ? x[i] : 0.0f;
                    sum += y[i];
                }
                const float mean = call.sum(sum) / float(N);
                for (int i : call.share(N)) y[i] -= mean;
            }

            __device__ void backward_data(const Call& call, const Weights&, const Pass& pass, Input& dx) {
                float sum = 0.0f;
                for (int i : call.share(N)) sum += pass.dy[i];
                const float mean = call.sum(sum) / float(N);
                for (int i : call.share(N)) dx[i] += is_kept(call, i) ? pass.dy[i] - mean : 0.0f;
            }
        ";
        Some(Cuda::new(source).constant("N", N).constant("RATE", self.0))
    }
}

/// Adds a number that goes up and down at random from step to step.
pub(crate) struct Walk;

impl Walk {
    pub(crate) const fn new() -> Walk {
        Walk
    }
}

#[derive(Weights)]
#[repr(C)]
pub(crate) struct Place {
    #[weight(initializer = Zeros, trainable = false)]
    at: f32,
}

impl<const N: usize> Layer<[f32; N]> for Walk {
    type Output = [f32; N];
    type Weights = Place;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Place, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        y.as_flattened_mut().iter_mut().zip(x.as_flattened()).for_each(|(y, x)| *y = x + w.at);
    }

    fn backward_data(&self, _: &Call, _: &Place, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()).for_each(|(dx, dy)| *dx += dy);
    }

    fn update_state(&self, call: &Call, _: Backward<'_, [f32; N], Self>, w: &mut Place) {
        w.at += call.uniform(0, 7) - 0.5;
    }

    fn cuda(&self) -> Option<Cuda> {
        let source = "
            __device__ void forward(const Call& call, const Weights& w, const Input& x, Output& y, Saved&) {
                for (int i : call.share(N)) y[i] = x[i] + w.at;
            }

            __device__ void backward_data(const Call& call, const Weights&, const Pass& pass, Input& dx) {
                for (int i : call.share(N)) dx[i] += pass.dy[i];
            }

            __device__ float update_at(const Call& call, const Weights& w, const Batch&) {
                return w.at + call.uniform(0, 7) - 0.5f;
            }
        ";
        Some(Cuda::new(source).constant("N", N))
    }
}
