//! Kernels on a GPU, beside what they mean on the host. Without a GPU that is said, and nothing is tested.

use keras::device::memory::{Region, Span};
use keras::device::{Device, Engine, Host, Program, Space, Staged, TURNS};
use keras::{Error, Result};

use crate::models;
use crate::shim::compare;

/// How far numbers may be apart, relative to the largest of what is read. Sums are in another order, and so are those of each
/// step before.
const TOLERANCE: f64 = 1e-4;

/// A GPU and the host, which run the same programs.
struct Beside {
    gpu: Box<dyn Engine>,
    host: Host<()>,
    /// By turn, what is to be sent to both.
    staged: [(Vec<f32>, Vec<u32>); TURNS],
}

impl Beside {
    fn device(gpu: Box<dyn Engine>) -> Device {
        Device::with_engine(Box::new(Beside { gpu, host: Host::default(), staged: Default::default() }))
    }

    /// Says what is read otherwise than it should be.
    fn compare(&self, from: Span, found: &[f64], meant: &[f64]) {
        if let Err(what) = compare(found, meant, TOLERANCE) {
            panic!("{from:?} of {}: {what}", self.gpu.name());
        }
    }
}

impl Engine for Beside {
    fn name(&self) -> String {
        self.gpu.name()
    }

    fn space(&self) -> Result<Option<Space>> {
        self.gpu.space()
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        self.host.allocate(region, len)?;
        self.gpu.allocate(region, len)
    }

    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        let staged = &mut self.staged[turn];
        *staged = (vec![0.0; floats], vec![0; words]);
        Ok(Staged { floats: &mut staged.0, words: &mut staged.1 })
    }

    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        let (floats, words) = &self.staged[turn];
        for engine in [&mut *self.gpu, &mut self.host] {
            let to = engine.stage(turn, floats.len(), words.len())?;
            to.floats.copy_from_slice(floats);
            to.words.copy_from_slice(words);
            engine.send(turn, ahead, then)?;
        }
        Ok(())
    }

    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()> {
        self.host.write_f32(to, from)?;
        self.gpu.write_f32(to, from)
    }

    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()> {
        self.host.write_u32(to, from)?;
        self.gpu.write_u32(to, from)
    }

    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()> {
        self.host.write_f64(to, from)?;
        self.gpu.write_f64(to, from)
    }

    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()> {
        let mut meant = vec![0.0; to.len()];
        self.host.read_f32(from, &mut meant)?;
        self.gpu.read_f32(from, to)?;
        let wide = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        self.compare(from, &wide(to), &wide(&meant));
        Ok(())
    }

    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()> {
        let mut meant = vec![0; to.len()];
        self.host.read_u32(from, &mut meant)?;
        self.gpu.read_u32(from, to)?;
        assert_eq!(to, meant, "{from:?}");
        Ok(())
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        let mut meant = vec![0.0; to.len()];
        self.host.read_f64(from, &mut meant)?;
        self.gpu.read_f64(from, to)?;
        self.compare(from, to, &meant);
        Ok(())
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        self.host.load(program.clone())?;
        self.gpu.load(program)
    }

    fn forget(&mut self) {
        self.host.forget();
        self.gpu.forget();
    }

    fn run(&mut self, program: usize, times: usize) -> Result<()> {
        self.host.run(program, times)?;
        self.gpu.run(program, times)
    }
}

/// Trains models on the GPU and on the host at once.
fn train(models: &[models::Train], way: fn(Device) -> Device) {
    for model in models {
        match Device::cuda(0).map(way) {
            Ok(gpu) => model(Beside::device(gpu.into_engine())),
            Err(error @ Error::Device { .. }) => return println!("skipped: {error}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_gpu_does_what_launches_mean() {
    train(models::ALL, |gpu| gpu);
}

#[test]
fn a_gpu_does_it_in_one_kernel() {
    train(models::AS_ONE_KERNEL, Device::in_one_kernel);
}

/// The comparison itself, with a second host in the place of a GPU.
#[test]
fn a_host_does_what_launches_mean() {
    for &model in models::ALL {
        model(Beside::device(Box::new(Host::<()>::default())));
    }
}
