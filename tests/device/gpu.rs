//! Kernels on a GPU. Without one that is said, and nothing is tested.
//!
//! Each launch is compared with what it means on the host, given what those before it have left: as the shim does it. A program as a
//! captured graph has to give the bits that its launches give one by one. So a test that fails names what is wrong.

use keras::device::memory::{Elem, Region, Span};
use keras::device::{Device, Engine, Host, Lens, Memory, Program, Space, Staged, TURNS, Watch};
use keras::prelude::*;
use keras::{Error, Result};

use crate::models;
use crate::pieces;
use crate::shim::{TOLERANCE, compare, numbers};

/// How far what a program gives as one kernel may be from what its launches give, relative to the largest number: the compiler may
/// round less often where it sees more.
const AS_ONE: f64 = 1e-4;

/// The host, for whose launches a GPU stands in.
struct ByLaunch {
    gpu: Box<dyn Engine>,
    /// By program, the GPU's number of it.
    programs: Vec<usize>,
    /// What the GPU has of each region.
    lens: Lens,
}

impl ByLaunch {
    fn device(gpu: Box<dyn Engine>) -> Device {
        Device::with_engine(Box::new(Host::new(ByLaunch { gpu, programs: Vec::new(), lens: Lens::new() })))
    }

    /// Copies a region, or some of it, to the GPU.
    fn write(&mut self, memory: &Memory, span: Span) -> Result<()> {
        match span.region.elem() {
            Elem::F32 => self.gpu.write_f32(span, &memory.f32(span)),
            Elem::U32 => self.gpu.write_u32(span, memory.u32(span)),
            Elem::F64 => self.gpu.write_f64(span, memory.f64(span)),
        }
    }

    /// Copies what the GPU has written.
    fn read(&mut self, memory: &mut Memory, span: Span) -> Result<()> {
        match span.region.elem() {
            Elem::F32 => self.gpu.read_f32(span, memory.f32_mut(span)),
            Elem::U32 => self.gpu.read_u32(span, memory.u32_mut(span)),
            Elem::F64 => self.gpu.read_f64(span, memory.f64_mut(span)),
        }
    }

    fn try_run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory) -> Result<()> {
        for (&region, &len) in lens {
            if self.lens.insert(region, len) != Some(len) {
                self.gpu.allocate(region, len)?;
            }
            self.write(memory, region.span(0, len))?;
        }
        for (i, launch) in program.launches.iter().enumerate() {
            self.gpu.run_launch(self.programs[index], i)?;
            launch.run(memory);
            for span in launch.outputs() {
                let meant = numbers(memory, span);
                self.read(memory, span)?;
                if let Err(what) = compare(&numbers(memory, span), &meant, TOLERANCE) {
                    panic!("launch {i} of {}, {launch:?}: {span:?}: {what}", program.launches.len());
                }
            }
        }
        Ok(())
    }
}

impl Watch for ByLaunch {
    fn load(&mut self, program: &Program, _: &Lens) {
        self.programs.push(self.gpu.load(program.clone()).unwrap_or_else(|error| panic!("{error}")));
    }

    fn forget(&mut self) {
        self.programs.clear();
        self.gpu.forget();
    }

    fn run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory) {
        self.try_run(index, program, lens, memory).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Two devices that do the same: the second runs programs launch by launch.
struct Beside {
    engines: [Box<dyn Engine>; 2],
    /// By program, how many launches it has.
    launches: Vec<usize>,
    tolerance: f64,
    /// By turn, what is to be sent to both.
    staged: [(Vec<f32>, Vec<u32>); TURNS],
}

impl Beside {
    fn device(engines: [Box<dyn Engine>; 2], tolerance: f64) -> Device {
        Device::with_engine(Box::new(Beside { engines, launches: Vec::new(), tolerance, staged: Default::default() }))
    }

    /// Does something with both.
    fn both(&mut self, work: impl FnMut(&mut (dyn Engine + 'static)) -> Result<()>) -> Result<()> {
        let [found, meant] = &mut self.engines;
        [&mut **found, &mut **meant].into_iter().try_for_each(work)
    }

    /// Says what is read otherwise than it should be.
    fn compare(&self, from: Span, found: &[f64], meant: &[f64]) {
        if let Err(what) = compare(found, meant, self.tolerance) {
            panic!("{from:?} of {}: {what}", self.name());
        }
    }
}

impl Engine for Beside {
    fn name(&self) -> String {
        self.engines[0].name()
    }

    fn space(&self) -> Result<Option<Space>> {
        self.engines[0].space()
    }

    fn has_tensor_cores(&self) -> bool {
        self.engines[0].has_tensor_cores()
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        self.both(|engine| engine.allocate(region, len))
    }

    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        let staged = &mut self.staged[turn];
        *staged = (vec![0.0; floats], vec![0; words]);
        Ok(Staged { floats: &mut staged.0, words: &mut staged.1 })
    }

    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        let (floats, words) = &self.staged[turn];
        for engine in &mut self.engines {
            let to = engine.stage(turn, floats.len(), words.len())?;
            to.floats.copy_from_slice(floats);
            to.words.copy_from_slice(words);
            engine.send(turn, ahead, then)?;
        }
        Ok(())
    }

    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()> {
        self.both(|engine| engine.write_f32(to, from))
    }

    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()> {
        self.both(|engine| engine.write_u32(to, from))
    }

    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()> {
        self.both(|engine| engine.write_f64(to, from))
    }

    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()> {
        let mut meant = vec![0.0; to.len()];
        self.engines[1].read_f32(from, &mut meant)?;
        self.engines[0].read_f32(from, to)?;
        let wide = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        self.compare(from, &wide(to), &wide(&meant));
        Ok(())
    }

    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()> {
        self.engines[0].read_u32(from, to)
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        let mut meant = vec![0.0; to.len()];
        self.engines[1].read_f64(from, &mut meant)?;
        self.engines[0].read_f64(from, to)?;
        self.compare(from, to, &meant);
        Ok(())
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        self.launches.push(program.launches.len());
        self.engines[1].load(program.clone())?;
        self.engines[0].load(program)
    }

    fn forget(&mut self) {
        self.launches.clear();
        self.engines.iter_mut().for_each(|engine| engine.forget());
    }

    fn run(&mut self, program: usize, times: usize) -> Result<()> {
        self.engines[0].run(program, times)?;
        let launches = self.launches[program];
        (0..times * launches).try_for_each(|i| self.engines[1].run_launch(program, i % launches))
    }
}

/// So many GPUs, which are the same one; nothing if there is none, which is said.
fn gpus<const N: usize>() -> Option<[Device; N]> {
    let gpu = || match Device::cuda(0) {
        Ok(gpu) => Some(gpu),
        Err(error @ Error::Device { .. }) => {
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    };
    let gpus: Option<Vec<Device>> = (0..N).map(|_| gpu()).collect();
    gpus?.try_into().ok()
}

macro_rules! by_launch {
    ($($family:ident { $($model:ident)* })*) => {
        mod each_launch_does_what_it_means {
            $($(
                #[test]
                fn $model() {
                    let Some([gpu]) = super::gpus() else { return };
                    super::models::$model(super::ByLaunch::device(gpu.into_engine()));
                }
            )*)*
        }

        mod a_graph_does_what_its_launches_do {
            $($(
                #[test]
                fn $model() {
                    let Some(gpus) = super::gpus() else { return };
                    super::models::$model(super::Beside::device(gpus.map(|gpu| gpu.into_engine()), 0.0));
                }
            )*)*
        }
    };
}
models::each_model!(by_launch);

macro_rules! as_one_kernel {
    ($($model:ident)*) => {
        mod one_kernel_does_what_launches_do {
            $(
                #[test]
                fn $model() {
                    let Some([one, other]) = super::gpus() else { return };
                    let engines = [one.in_one_kernel().into_engine(), other.into_engine()];
                    super::models::$model(super::Beside::device(engines, super::AS_ONE));
                }
            )*
        }
    };
}
models::each_as_one_kernel!(as_one_kernel);

sequential! {
    #[dtype = "mixed_bfloat16"]
    struct Large< Input(130), Dense(1100), Dense(70), Dense(1, dtype = "float32") >;
}

/// Products that are computed in large tiles, each way that their factors lie.
fn large(device: Device) {
    let rows = 4200;
    let mut numbers = models::Numbers(19);
    let (x, y) = (numbers.rows::<130>(rows), numbers.rows::<1>(rows));
    let model = Large::seeded(1).compile(Sgd::new(0.01), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.on(device).unwrap();
    model.train_on_batch(&x, &y).unwrap();
}

mod large_tiles {
    use super::{ByLaunch, gpus, large};

    #[test]
    fn in_bfloat16() {
        let Some([gpu]) = gpus() else { return };
        large(ByLaunch::device(gpu.into_engine()));
    }

    #[test]
    fn in_tf32() {
        let Some([gpu]) = gpus() else { return };
        large(ByLaunch::device(gpu.into_engine()).tf32());
    }
}

mod data {
    use super::{gpus, pieces};

    #[test]
    fn pieces_change_no_bit() {
        let Some([gpu, other]) = gpus() else { return };
        let meant = pieces::classify(other, 3, true);
        assert!(pieces::classify(gpu.data_limit(40 * pieces::ROW), 3, true) == meant);
    }
}

/// The comparisons themselves, with the host in the place of a GPU.
#[test]
fn a_host_does_what_launches_mean() {
    for &model in models::ALL {
        let host = || Box::new(Host::<()>::default());
        model(ByLaunch::device(host()));
        model(Beside::device([host(), host()], 0.0));
    }
}
