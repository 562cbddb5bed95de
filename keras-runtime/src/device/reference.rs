//! The device that every machine has: programs are run on the host, launch by launch, by what each one means.
//!
//! It is slow, and it is the oracle: what a kernel does on any other device is compared with what its launch means here.

use std::collections::BTreeMap;

use super::engine::{Engine, Space, Staged, TURNS};
use super::memory::{Elem, Region, Span};
use super::program::Program;
use crate::Result;

/// The memory of the host, as a device has it.
#[derive(Debug, Default)]
pub struct Memory {
    floats: BTreeMap<Region, Vec<f32>>,
    words: BTreeMap<Region, Vec<u32>>,
    sums: BTreeMap<Region, Vec<f64>>,
    /// All buffers of the program that runs, where its plan says.
    work: Vec<f32>,
    plan: Vec<usize>,
}

impl Memory {
    /// Makes a region of so many zeros in the place of the one that was.
    fn allocate(&mut self, region: Region, len: usize) {
        match region.elem() {
            Elem::F32 => drop(self.floats.insert(region, vec![0.0; len])),
            Elem::U32 => drop(self.words.insert(region, vec![0; len])),
            Elem::F64 => drop(self.sums.insert(region, vec![0.0; len])),
        }
    }

    /// How many elements each region has.
    fn lens(&self) -> Lens {
        let floats = self.floats.iter().map(|(region, all)| (*region, all.len()));
        let words = self.words.iter().map(|(region, all)| (*region, all.len()));
        let sums = self.sums.iter().map(|(region, all)| (*region, all.len()));
        floats.chain(words).chain(sums).collect()
    }

    /// A copy of some numbers.
    #[doc(hidden)]
    pub fn f32(&self, span: Span) -> Vec<f32> {
        self.floats(span).to_vec()
    }

    /// A copy of some numbers, if they are there.
    pub(crate) fn f32_if(&self, span: Option<Span>) -> Option<Vec<f32>> {
        span.map(|span| self.f32(span))
    }

    fn floats(&self, Span { region, at, len }: Span) -> &[f32] {
        match region {
            Region::Work(buffer) => &self.work[self.plan[buffer] + at..][..len],
            _ => &self.floats[&region][at..at + len],
        }
    }

    /// Some numbers, to be changed.
    #[doc(hidden)]
    pub fn f32_mut(&mut self, Span { region, at, len }: Span) -> &mut [f32] {
        match region {
            Region::Work(buffer) => &mut self.work[self.plan[buffer] + at..][..len],
            _ => &mut self.floats.get_mut(&region).unwrap_or_else(|| panic!("no {region:?}"))[at..at + len],
        }
    }

    /// Some words.
    #[doc(hidden)]
    pub fn u32(&self, Span { region, at, len }: Span) -> &[u32] {
        &self.words[&region][at..at + len]
    }

    /// Some words, to be changed.
    #[doc(hidden)]
    pub fn u32_mut(&mut self, Span { region, at, len }: Span) -> &mut [u32] {
        &mut self.words.get_mut(&region).unwrap_or_else(|| panic!("no {region:?}"))[at..at + len]
    }

    /// Some sums.
    #[doc(hidden)]
    pub fn f64(&self, Span { region, at, len }: Span) -> &[f64] {
        &self.sums[&region][at..at + len]
    }

    /// Some sums, to be changed.
    #[doc(hidden)]
    pub fn f64_mut(&mut self, Span { region, at, len }: Span) -> &mut [f64] {
        &mut self.sums.get_mut(&region).unwrap_or_else(|| panic!("no {region:?}"))[at..at + len]
    }

    /// Makes the buffers of a program lie where its plan says, filled with NaN: what it has not written it must not read.
    fn lay_out(&mut self, program: &Program) {
        self.plan.clone_from(&program.plan);
        self.work.clear();
        self.work.resize(program.work, f32::NAN);
    }
}

/// How many elements each region has, but for buffers.
pub type Lens = BTreeMap<Region, usize>;

/// What becomes of programs on the host.
pub trait Watch: Send + Sync {
    /// A program is to be got ready.
    fn load(&mut self, program: &Program, lens: &Lens) {
        let _ = (program, lens);
    }
    /// All programs are forgotten.
    fn forget(&mut self) {}
    /// The program that was loaded as number `index` is to be run; its buffers hold NaN.
    fn run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory) {
        let _ = (index, lens);
        program.launches.iter().for_each(|launch| launch.run(memory));
    }
}

/// Runs what launches mean, and nothing else.
impl Watch for () {}

/// The host as a device.
#[derive(Debug, Default)]
pub struct Host<W = ()> {
    watch: W,
    memory: Memory,
    programs: Vec<Program>,
    /// By turn, what is to be sent.
    staged: [(Vec<f32>, Vec<u32>); TURNS],
}

impl<W: Watch> Host<W> {
    /// The host, whose programs somebody watches or runs.
    pub fn new(watch: W) -> Host<W> {
        Host { watch, memory: Memory::default(), programs: Vec::new(), staged: Default::default() }
    }
}

impl<W: Watch> Engine for Host<W> {
    fn name(&self) -> String {
        "the host".to_owned()
    }

    fn space(&self) -> Result<Option<Space>> {
        Ok(None)
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        self.memory.allocate(region, len);
        Ok(())
    }

    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        let staged = &mut self.staged[turn];
        staged.0.resize(floats.max(staged.0.len()), 0.0);
        staged.1.resize(words.max(staged.1.len()), 0);
        Ok(Staged { floats: &mut staged.0[..floats], words: &mut staged.1[..words] })
    }

    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        let (mut floats, mut words) = (&self.staged[turn].0[..], &self.staged[turn].1[..]);
        for &to in ahead.iter().chain(then) {
            if to.region.elem() == Elem::U32 {
                let from = words.split_off(..to.len).unwrap_or_default();
                self.memory.u32_mut(to).copy_from_slice(from);
            } else {
                let from = floats.split_off(..to.len).unwrap_or_default();
                self.memory.f32_mut(to).copy_from_slice(from);
            }
        }
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
        to.copy_from_slice(self.memory.floats(from));
        Ok(())
    }

    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()> {
        to.copy_from_slice(self.memory.u32(from));
        Ok(())
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        to.copy_from_slice(self.memory.f64(from));
        Ok(())
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        self.watch.load(&program, &self.memory.lens());
        self.programs.push(program);
        Ok(self.programs.len() - 1)
    }

    fn forget(&mut self) {
        self.watch.forget();
        self.programs.clear();
    }

    fn run(&mut self, program: usize, times: usize) -> Result<()> {
        let lens = self.memory.lens();
        for _ in 0..times {
            self.memory.lay_out(&self.programs[program]);
            self.watch.run(program, &self.programs[program], &lens, &mut self.memory);
        }
        Ok(())
    }

    fn run_launch(&mut self, program: usize, launch: usize) -> Result<()> {
        let program = &self.programs[program];
        if launch == 0 {
            self.memory.lay_out(program);
        }
        program.launches[launch].run(&mut self.memory);
        Ok(())
    }
}
