//! What an op takes that has no gradient: the numbers of rows of a table, masks.

use super::Pass;
use crate::memory::Buf;

/// The gradient, which is 0, unless it is added to what is there.
pub fn backward(pass: &mut Pass<'_>, dx: Buf, acc: bool) {
    if !acc {
        let ([dx], [], _) = pass.rows.step([dx], []);
        dx.fill(0.0);
    }
}
