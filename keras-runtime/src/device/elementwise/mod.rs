//! Elementwise work, as chains of steps: what one op does for each element, and what the next one does with that, is one launch.
//!
//! An op says what it computes as a [`Chain`]: arrays that it reads, steps that each give a number for each element, arrays that it
//! writes. When a program is complete, [`fuse`] makes one chain of those that have an array in common, and leaves out what nobody
//! reads: a number that only the next step needs never goes to memory.
//!
//! | | |
//! |---|---|
//! | `chain` | a chain, its launch, and how two become one |
//! | `step` | what a step computes: its name in `elementwise.cu`, and what it means on the host |
//! | `fuse` | which chains of a program become one |
//! | `sample` | a chain by itself, for measurements |

mod chain;
mod fuse;
mod sample;
mod step;

pub(crate) use chain::Chain;
pub(super) use fuse::fuse;
pub use sample::Elementwise;
pub(crate) use step::{Index, Step};
