//! What a layer with a kernel gives, divided by the kernel's largest singular value. `own` has the value in each row, and in
//! the batch's first row the two vectors behind it.

use super::{ParamPass, Pass, To};
use crate::memory::Buf;
use crate::spectral;

/// y = x / σ in training; see [`spectral::norm`]. Otherwise y = x.
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, own: Buf, w: &[f32], u: &[f32], iterations: usize, training: bool) {
    let isa = pass.isa;
    let ([y, own], [x], _) = pass.rows.step([y, own], [x]);
    let len = 1 + u.len() + w.len().checked_div(u.len()).unwrap_or(0);
    let Some((first, rest)) = own.split_at_mut_checked(len) else { return };
    let (sigma, vectors) = first.split_at_mut(1);
    let (new, v) = vectors.split_at_mut(u.len());
    new.copy_from_slice(u);
    sigma[0] = 1.0;
    v.fill(0.0);
    if training {
        sigma[0] = spectral::norm(isa, new, v, w, iterations);
    }
    let sigma = sigma[0];
    rest.iter_mut().step_by(len).for_each(|own| *own = sigma);
    y.iter_mut().zip(x).for_each(|(y, x)| *y = x / sigma);
}

/// Inference: y = x.
pub fn infer(pass: &mut Pass<'_>, y: Buf, x: Buf) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    y.copy_from_slice(x);
}

/// dx = dy / σ, or dx += that if `acc`.
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, own: Buf, acc: bool) {
    let ([dx], [dy, own], _) = pass.rows.step([dx], [dy, own]);
    let Some(&sigma) = own.first() else { return };
    let pairs = dx.iter_mut().zip(dy);
    if acc {
        pairs.for_each(|(dx, dy)| *dx += dy / sigma);
    } else {
        pairs.for_each(|(dx, dy)| *dx = dy / sigma);
    }
}

/// What σ adds to the gradient of the kernel, of `m` rows of `c`: see [`spectral::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, own: Buf, y: Buf, dy: Buf, m: usize, c: usize) {
    let isa = pass.isa;
    let Some((out, [own, y, dy], _)) = pass.some_rows(to, m * c, [own, y, dy]) else { return };
    let Some((first, _)) = own.split_at_checked(1 + c + m) else { return };
    let (u, v) = first[1..].split_at(c);
    spectral::backward_kernel(isa, out, first[0], [u, v], y, dy);
}

/// The vector u after a step of training.
pub fn update(pass: &mut ParamPass<'_, '_>, to: To, own: Buf, c: usize, training: bool) {
    if !training {
        return;
    }
    let Some((state, [own])) = pass.state(to, c, [own]) else { return };
    if let Some(u) = own.get(1..1 + c) {
        state.copy_from_slice(u);
    }
}
