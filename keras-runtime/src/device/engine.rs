//! What a device can do.

use super::memory::{Region, Span};
use super::program::Program;
use crate::{Error, Result};

/// The memory of a device, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What nobody has taken.
    pub free: usize,
    /// All of it.
    pub total: usize,
}

/// What a model takes on a device, in bytes: [`Compiled::memory`](crate::Compiled::memory).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The weights, state among them.
    pub weights: usize,
    /// Their gradients.
    pub gradients: usize,
    /// What the optimizer keeps of each weight.
    pub optimizer: usize,
    /// Values of a batch and their gradients, those that are never there at once in the same memory. What losses and metrics take
    /// besides is a few numbers for each row.
    pub batch: usize,
    /// What each row of data takes, inputs and targets.
    pub row: usize,
    /// What the data of a call take where they come in pieces ([`Device::data_limit`](super::Device::data_limit)): the rows of two
    /// executions, or of as many steps as there is room for, of targets that are numbers for each output, without weights of samples.
    pub pieces: usize,
    /// The device's memory; nothing if that is the host's.
    pub space: Option<Space>,
}

impl Usage {
    /// All of it for data of so many rows, which are there at once.
    #[must_use]
    pub fn total(&self, rows: usize) -> usize {
        self.weights + self.gradients + self.optimizer + self.batch + rows * self.row
    }
}

/// Host memory that is filled and then sent to a device.
#[doc(hidden)]
#[derive(Debug)]
pub struct Staged<'a> {
    /// Numbers.
    pub floats: &'a mut [f32],
    /// Words.
    pub words: &'a mut [u32],
}

/// How many pieces of host memory there are to be sent from, which take turns: one is filled while the device copies another.
#[doc(hidden)]
pub const TURNS: usize = 2;

/// A device that has memory and runs programs.
///
/// Memory is in regions, each of which is allocated before a program that names it is loaded; buffers of programs
/// ([`Region::Work`]) are the device's own affair.
#[doc(hidden)]
pub trait Engine: Send + Sync {
    /// What it is, for messages.
    fn name(&self) -> String;
    /// How much memory it has; nothing if it is the host's.
    fn space(&self) -> Result<Option<Space>>;
    /// Whether products can be those of tensor cores, of all formats.
    fn has_tensor_cores(&self) -> bool {
        true
    }
    /// Makes a region of so many zeros in the place of the one that was.
    fn allocate(&mut self, region: Region, len: usize) -> Result<()>;
    /// Host memory for so many numbers and words, which [`Engine::send`] copies to the device: that of one of [`TURNS`]. What is in it
    /// is left from before. Waits until the device has copied what was sent from it.
    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>>;
    /// Copies what is staged for a turn to these places, numbers and words each one behind the other, so that what is run from now on
    /// finds it; the host goes on at once. `then` is copied when all that is run so far is done. `ahead` may be copied before, as soon
    /// as that is done which was run between the last sending of this turn and the next one behind it; so its places are those of a
    /// turn.
    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()>;
    /// Copies numbers to the device; done when this returns, and all that came before it too.
    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()>;
    /// Copies words to the device, as [`Engine::write_f32`] does.
    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()>;
    /// Copies sums to the device, as [`Engine::write_f32`] does.
    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()>;
    /// Copies numbers from the device, once all that came before is done. A buffer of a program is that of the program that
    /// ran last.
    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()>;
    /// Copies words from the device, as [`Engine::read_f32`] does.
    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()>;
    /// Copies sums from the device, once all that came before is done.
    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()>;
    /// Gets a program ready; gives the number to run it by.
    fn load(&mut self, program: Program) -> Result<usize>;
    /// Runs programs as one kernel each from now on, where that makes a difference.
    fn run_in_one_kernel(&mut self) {}
    /// Forgets all programs, since regions have moved or what they do has changed.
    fn forget(&mut self);
    /// Runs a program so many times; whether it is done when this returns is the device's affair.
    fn run(&mut self, program: usize, times: usize) -> Result<()>;
    /// Runs one launch of a program that is not run as one kernel: for tests, which look at what it has written.
    fn run_launch(&mut self, program: usize, launch: usize) -> Result<()> {
        let reason = format!("launch {launch} of program {program} cannot be run by itself");
        Err(Error::Device { device: self.name(), reason })
    }
}
