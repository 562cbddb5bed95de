//! States that rows carry from batch to batch.

use super::Pass;
use crate::memory::Buf;

/// What an earlier batch has left from float `at` of each row on; 0 before the first.
pub fn recall(pass: &mut Pass<'_>, y: Buf, at: usize) {
    pass.rows.recall(y, at);
}

/// Leaves it for the next batch.
pub fn carry(pass: &mut Pass<'_>, x: Buf, at: usize) {
    pass.rows.carry(x, at);
}
