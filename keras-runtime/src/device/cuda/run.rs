//! How a compiled program runs: as a captured graph of its launches, or as one kernel.

use cudarc::driver::sys::{CUgraphInstantiate_flags, CUstreamCaptureMode};
use cudarc::driver::{CudaFunction, CudaGraph, CudaSlice, LaunchConfig, PushKernelArg};

use super::Cuda;
use crate::device::launch::{Arg, Launch};
use crate::device::one_kernel;
use crate::device::program::Program;
use crate::{Error, Result};

/// A program whose kernels are compiled.
pub(super) struct Loaded {
    pub(super) program: Program,
    pub(super) way: Way,
}

/// How a program is run.
pub(super) enum Way {
    /// By its launches.
    Launches {
        /// The program so many times over, as one launch. They go before the functions that they launch.
        graphs: Vec<(usize, Captured)>,
        /// By launch.
        functions: Vec<CudaFunction>,
    },
    /// As one kernel.
    OneKernel {
        function: CudaFunction,
        /// The arguments of all launches, once they are known, and the word by which blocks meet.
        arguments: Option<(CudaSlice<u64>, CudaSlice<u32>)>,
    },
}

impl Way {
    /// Forgets where buffers were.
    pub(super) fn forget(&mut self) {
        match self {
            Way::Launches { graphs, .. } => graphs.clear(),
            Way::OneKernel { arguments, .. } => *arguments = None,
        }
    }
}

/// A captured graph.
pub(super) struct Captured(CudaGraph);

// SAFETY: a graph may be used by one thread at a time. It is only reached through `&mut Cuda`, which binds the context to the
// thread that calls before a graph is launched or dropped.
unsafe impl Send for Captured {}
// SAFETY: as above; `Cuda` does nothing with a graph through a shared reference.
unsafe impl Sync for Captured {}

impl Cuda {
    /// Makes what a program needs to run so many times over, unless it is there.
    pub(super) fn prepare(&mut self, index: usize, times: usize) -> Result<()> {
        let Loaded { program, way } = &self.programs[index];
        match way {
            Way::Launches { functions, graphs } if !graphs.iter().any(|(of, _)| *of == times) => {
                let captured = self.capture(program, functions, times)?;
                if let Way::Launches { graphs, .. } = &mut self.programs[index].way {
                    graphs.push((times, captured));
                }
            }
            Way::OneKernel { arguments: None, .. } => {
                let uploaded = self.upload_arguments(program)?;
                if let Way::OneKernel { arguments, .. } = &mut self.programs[index].way {
                    *arguments = Some(uploaded);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Runs a program that is prepared.
    pub(super) fn start(&self, Loaded { program, way }: &Loaded, times: usize) -> Result<()> {
        match way {
            Way::Launches { graphs, .. } => {
                let graph = graphs.iter().find(|(of, _)| *of == times);
                let launched = graph.map_or(Ok(()), |(_, graph)| graph.0.launch());
                launched.map_err(|error| self.failed("a program cannot be launched", error))
            }
            Way::OneKernel { function, arguments } => {
                arguments.as_ref().map_or(Ok(()), |arguments| self.launch_one(program, function, arguments, times))
            }
        }
    }

    /// The arguments of a launch: eight bytes each, of which a number takes the first four.
    fn words(&self, plan: &[usize], launch: &Launch) -> Result<Vec<u64>> {
        let word = |arg: &Arg| {
            Ok(match *arg {
                Arg::In(span) | Arg::Out(span) => self.address(plan, span)?,
                Arg::Null => 0,
                Arg::Int(n) => u64::from(n.cast_unsigned()),
                Arg::Word(n) => u64::from(n),
                Arg::Float(x) => u64::from(x.to_bits()),
            })
        };
        launch.args.iter().map(word).collect()
    }

    /// Launches a kernel.
    pub(super) fn launch(&self, plan: &[usize], launch: &Launch, function: &CudaFunction) -> Result<()> {
        let words = self.words(plan, launch)?;
        let mut builder = self.stream.launch_builder(function);
        for word in &words {
            // The driver reads as many bytes of it as the kernel's parameter has, of machines whose lowest byte is the first.
            builder.arg(word);
        }
        let [x, y, z] = launch.blocks;
        let config = LaunchConfig { grid_dim: (x, y, z), block_dim: (launch.threads, 1, 1), shared_mem_bytes: 0 };
        // SAFETY: the arguments are those that the kernel's launch names, in number, order and type, which is tested against
        // the sources; `address` has checked that every span lies within its region, and programs are forgotten before a region
        // that they know is freed.
        unsafe { builder.launch(config) }
            .map_err(|error| self.failed(&format!("{} cannot be launched", launch.expression()), error))?;
        Ok(())
    }

    /// The arguments of all launches of a program on the device, and a word of 0.
    fn upload_arguments(&self, program: &Program) -> Result<(CudaSlice<u64>, CudaSlice<u32>)> {
        let mut words = Vec::new();
        for launch in &program.launches {
            words.extend(self.words(&program.plan, launch)?);
        }
        let failed = |error| self.failed("the arguments of a program cannot be copied to the device", error);
        let arguments = self.stream.clone_htod(&words).map_err(failed)?;
        Ok((arguments, self.stream.alloc_zeros(1).map_err(failed)?))
    }

    /// Launches a program as one kernel.
    fn launch_one(
        &self,
        program: &Program,
        function: &CudaFunction,
        (arguments, arrived): &(CudaSlice<u64>, CudaSlice<u32>),
        times: usize,
    ) -> Result<()> {
        let steps = i32::try_from(times).unwrap_or(i32::MAX);
        // A block on each multiprocessor, for they all have to be there at once.
        let blocks = one_kernel::blocks(program).min(self.processors);
        let mut builder = self.stream.launch_builder(function);
        builder.arg(arguments).arg(arrived).arg(&steps);
        let block_dim = (one_kernel::threads(program), 1, 1);
        let config = LaunchConfig { grid_dim: (blocks, 1, 1), block_dim, shared_mem_bytes: one_kernel::POOL };
        // SAFETY: the kernel takes these three arguments; those of the launches are right as they are in `launch`. The launch is
        // cooperative, so that the driver refuses blocks that would wait for others which have no room.
        let launched = unsafe { builder.launch_cooperative(config) };
        launched.map_err(|error| self.failed("a program cannot be launched as one kernel", error))?;
        Ok(())
    }

    /// The program so many times over, as one launch.
    fn capture(&self, program: &Program, functions: &[CudaFunction], times: usize) -> Result<Captured> {
        let what = "a program cannot be captured";
        let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
        self.stream.begin_capture(mode).map_err(|error| self.failed(what, error))?;
        let mut launched = Ok(());
        for _ in 0..times {
            for (launch, function) in program.launches.iter().zip(functions) {
                launched = launched.and_then(|()| self.launch(&program.plan, launch, function));
            }
        }
        // The capture ends whether or not it went well, so that the stream is of use again.
        // cudarc has no name for no flags. All nodes have the stream's priority, so that this one changes nothing.
        let flags = CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
        let graph = self.stream.end_capture(flags);
        launched?;
        match graph.map_err(|error| self.failed(what, error))? {
            Some(graph) => Ok(Captured(graph)),
            None => Err(Error::Device { device: self.name.clone(), reason: format!("{what}: it is empty") }),
        }
    }
}
