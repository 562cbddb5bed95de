//! A bias that is added to rows.

use super::Pass;
use crate::bias;
use crate::memory::Buf;

/// See [`bias::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, b: &[f32]) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    bias::forward(pass.isa, y, x, b);
}
