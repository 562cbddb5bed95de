//! A device whose memory is the host's, and whose programs somebody watches or runs.

use std::collections::BTreeMap;

use keras::Result;
use keras::device::memory::{Region, Span};
use keras::device::{Engine, Memory, Program, Space};

/// How many elements each region has, but for buffers.
pub(crate) type Lens = BTreeMap<Region, usize>;

/// What becomes of programs.
pub(crate) trait Watch: Send + Sync {
    /// A program is to be got ready.
    fn load(&mut self, program: &Program, lens: &Lens);
    /// All programs are forgotten.
    fn forget(&mut self);
    /// The program that was loaded as number `index` is to be run; its buffers hold NaN.
    fn run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory);
}

/// The device.
pub(crate) struct Host<W> {
    watch: W,
    memory: Memory,
    lens: Lens,
    programs: Vec<Program>,
}

impl<W: Watch> Host<W> {
    pub(crate) fn new(watch: W) -> Host<W> {
        Host { watch, memory: Memory::default(), lens: Lens::new(), programs: Vec::new() }
    }
}

impl<W: Watch> Engine for Host<W> {
    fn name(&self) -> String {
        "a watched host".to_owned()
    }

    fn space(&self) -> Result<Option<Space>> {
        Ok(None)
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        self.memory.allocate(region, len);
        self.lens.insert(region, len);
        Ok(())
    }

    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()> {
        self.memory.f32_mut(to).copy_from_slice(from);
        Ok(())
    }

    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()> {
        self.memory.u32_mut(to).copy_from_slice(from);
        Ok(())
    }

    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()> {
        self.memory.f64_mut(to).copy_from_slice(from);
        Ok(())
    }

    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()> {
        to.copy_from_slice(&self.memory.f32(from));
        Ok(())
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        to.copy_from_slice(self.memory.f64(from));
        Ok(())
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        self.watch.load(&program, &self.lens);
        self.programs.push(program);
        Ok(self.programs.len() - 1)
    }

    fn forget(&mut self) {
        self.watch.forget();
        self.programs.clear();
    }

    fn run(&mut self, index: usize, times: usize) -> Result<()> {
        for _ in 0..times {
            self.memory.lay_out(&self.programs[index]);
            self.watch.run(index, &self.programs[index], &self.lens, &mut self.memory);
        }
        Ok(())
    }
}
