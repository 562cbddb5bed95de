//! The cells that the tests are about.

use keras::cell::{Backward, Next, Step, Taken};
use keras::{Cell, States, Weights};

/// x·W + h·U + b.
fn sums<const N: usize, const U: usize>(
    x: &[f32; N],
    h: &[f32; U],
    kernel: &[[f32; U]; N],
    recurrent: &[[f32; U]; U],
    bias: &[f32; U],
) -> [f32; U] {
    let mut z = *bias;
    for (x, row) in x.iter().zip(kernel).chain(h.iter().zip(recurrent)) {
        z.iter_mut().zip(row).for_each(|(z, w)| *z += x * w);
    }
    z
}

/// Adds d·Wᵀ to `dx`.
fn back<const N: usize, const U: usize>(dx: &mut [f32; N], d: &[f32; U], kernel: &[[f32; U]; N]) {
    for (dx, row) in dx.iter_mut().zip(kernel) {
        *dx += d.iter().zip(row).map(|(d, w)| d * w).sum::<f32>();
    }
}

/// Adds x·dᵀ to `dw`.
fn outer<const N: usize, const U: usize>(dw: &mut [[f32; U]; N], x: &[f32; N], d: &[f32; U]) {
    for (row, x) in dw.iter_mut().zip(x) {
        row.iter_mut().zip(d).for_each(|(dw, d)| *dw += x * d);
    }
}

/// A `SimpleRNNCell`: tanh(x·W + h·U + b).
pub(crate) struct Simple<const U: usize>;

#[derive(Weights)]
#[repr(C)]
pub(crate) struct SimpleWeights<const N: usize, const U: usize> {
    #[weight(regularizer = L2(0.1))]
    pub(crate) kernel: [[f32; U]; N],
    #[weight(initializer = Orthogonal)]
    pub(crate) recurrent_kernel: [[f32; U]; U],
    #[weight(initializer = Zeros)]
    pub(crate) bias: [f32; U],
}

impl<const N: usize, const U: usize> Cell<[f32; N]> for Simple<U> {
    type States = [f32; U];
    type Output = [f32; U];
    type Weights = SimpleWeights<N, U>;
    /// The gradient of what tanh is taken of.
    type Saved = [f32; U];

    fn forward(&self, _: &Step, w: &Self::Weights, x: &[f32; N], h: &[f32; U], next: Next<'_, [f32; N], Self>) {
        *next.y = sums(x, h, &w.kernel, &w.recurrent_kernel, &w.bias).map(f32::tanh);
        *next.states = *next.y;
    }

    fn backward_data(
        &self,
        _: &Step,
        w: &Self::Weights,
        pass: Backward<'_, [f32; N], Self>,
        dx: &mut [f32; N],
        dh: &mut [f32; U],
    ) {
        let h = pass.next;
        *pass.saved = std::array::from_fn(|i| (pass.dy[i] + pass.dnext[i]) * (1.0 - h[i] * h[i]));
        back(dx, pass.saved, &w.kernel);
        back(dh, pass.saved, &w.recurrent_kernel);
    }

    fn backward_params(&self, _: &Step, _: &Self::Weights, pass: Taken<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        outer(&mut dw.kernel, pass.x, pass.saved);
        outer(&mut dw.recurrent_kernel, pass.states, pass.saved);
        dw.bias.iter_mut().zip(pass.saved).for_each(|(db, d)| *db += d);
    }
}

/// A gate between what was and x, with a memory of another size that leaks: two states, and an output that is neither.
///
/// z = σ(x·W + h·U), h' = (1 − z)·h + z·m₀, m' = decay·m + Σx, y = scale·h'.
pub(crate) struct Gated<const U: usize> {
    decay: f32,
    scale: f32,
}

impl<const U: usize> Gated<U> {
    pub(crate) const fn new(decay: f32) -> Gated<U> {
        Gated { decay, scale: 2.0 }
    }

    pub(crate) const fn scaled(decay: f32, scale: f32) -> Gated<U> {
        Gated { decay, scale }
    }
}

#[derive(Weights)]
#[repr(C)]
pub(crate) struct GatedWeights<const N: usize, const U: usize> {
    pub(crate) kernel: [[f32; U]; N],
    #[weight(initializer = Orthogonal)]
    pub(crate) recurrent_kernel: [[f32; U]; U],
}

#[derive(States)]
#[repr(C)]
pub(crate) struct GatedStates<const U: usize> {
    h: [f32; U],
    memory: [f32; 2],
}

impl<const N: usize, const U: usize> Cell<[f32; N]> for Gated<U> {
    type States = GatedStates<U>;
    type Output = [f32; U];
    type Weights = GatedWeights<N, U>;
    /// z, and its gradient then.
    type Saved = [f32; U];

    fn forward(
        &self,
        _: &Step,
        w: &Self::Weights,
        x: &[f32; N],
        states: &GatedStates<U>,
        next: Next<'_, [f32; N], Self>,
    ) {
        let GatedStates { h, memory } = states;
        let z = sums(x, h, &w.kernel, &w.recurrent_kernel, &[0.0; U]).map(|z| 1.0 / (1.0 + (-z).exp()));
        next.states.h = std::array::from_fn(|i| (1.0 - z[i]) * h[i] + z[i] * memory[0]);
        let sum: f32 = x.iter().sum();
        next.states.memory = memory.map(|m| self.decay * m + sum);
        *next.y = next.states.h.map(|h| self.scale * h);
        *next.saved = z;
    }

    fn backward_data(
        &self,
        _: &Step,
        w: &Self::Weights,
        pass: Backward<'_, [f32; N], Self>,
        dx: &mut [f32; N],
        dstates: &mut GatedStates<U>,
    ) {
        let GatedStates { h, memory } = pass.states;
        for (i, h) in h.iter().enumerate() {
            let (z, dh) = (pass.saved[i], self.scale * pass.dy[i] + pass.dnext.h[i]);
            dstates.h[i] += dh * (1.0 - z);
            dstates.memory[0] += dh * z;
            pass.saved[i] = dh * (memory[0] - h) * z * (1.0 - z);
        }
        for (d, dnext) in dstates.memory.iter_mut().zip(pass.dnext.memory) {
            *d += self.decay * dnext;
            dx.iter_mut().for_each(|dx| *dx += dnext);
        }
        back(dx, pass.saved, &w.kernel);
        back(&mut dstates.h, pass.saved, &w.recurrent_kernel);
    }

    fn backward_params(&self, _: &Step, _: &Self::Weights, pass: Taken<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        outer(&mut dw.kernel, pass.x, pass.saved);
        outer(&mut dw.recurrent_kernel, &pass.states.h, pass.saved);
    }
}

/// Keeps the sum of what it has seen, some of it left out at random; takes images, has no weights.
pub(crate) struct Sum(pub(crate) f32);

impl Sum {
    fn keeps(&self, step: &Step, i: usize) -> bool {
        !step.training || step.uniform(step.t * 8 + i) >= self.0
    }
}

impl<const N: usize> Cell<[[f32; N]; 2]> for Sum {
    type States = [[f32; N]; 2];
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(
        &self,
        step: &Step,
        _: &(),
        x: &[[f32; N]; 2],
        sum: &[[f32; N]; 2],
        next: Next<'_, [[f32; N]; 2], Self>,
    ) {
        for i in 0..N {
            for row in 0..2 {
                let x = if self.keeps(step, i) { x[row][i] } else { 0.0 };
                next.states[row][i] = 0.5 * sum[row][i] + x;
            }
            next.y[i] = next.states[0][i] * next.states[1][i];
        }
    }

    fn backward_data(
        &self,
        step: &Step,
        _: &(),
        pass: Backward<'_, [[f32; N]; 2], Self>,
        dx: &mut [[f32; N]; 2],
        dsum: &mut [[f32; N]; 2],
    ) {
        for i in 0..N {
            for row in 0..2 {
                let d = pass.dy[i] * pass.next[1 - row][i] + pass.dnext[row][i];
                dsum[row][i] += 0.5 * d;
                dx[row][i] += if self.keeps(step, i) { d } else { 0.0 };
            }
        }
    }
}
