//! A chain by itself, for measurements.

use keras_kernels::activation::Act;

use super::{Chain, Step};
use crate::device::memory::{Data, Region, Span};
use crate::device::program::Program;

/// y = gelu(x + z), as two ops of so many elements, which are one launch.
#[derive(Clone, Copy, Debug)]
pub struct Elementwise {
    /// How many elements.
    pub len: usize,
}

impl Elementwise {
    /// Where x and z lie: in inputs 0 and 1 of the data.
    #[must_use]
    pub fn inputs(&self) -> [Span; 2] {
        [0, 1].map(|i| Region::Input(Data::Given, i).span(0, self.len))
    }

    /// Where y lies.
    #[must_use]
    pub fn output(&self) -> Span {
        Region::Output(0).span(0, self.len)
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> Program {
        let sum = Region::Work(0).span(0, self.len);
        let mut first = Chain::new(self.len);
        let of = self.inputs().map(|input| first.read(input));
        let value = first.step(Step::Sum(of));
        first.write(sum, value, false);
        let mut second = Chain::new(self.len);
        let x = second.read(sum);
        let value = second.step(Step::Activate(Act::Gelu, x));
        second.write(self.output(), value, false);
        Program::new(1, super::fuse(vec![first.launch(), second.launch()], &[]), &[self.len], &[])
    }
}
