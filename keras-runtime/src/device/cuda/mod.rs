//! GPUs by CUDA, which is looked for when a program asks for a device: nothing of it is needed to build or to run without.

mod cache;
mod compile;
mod run;
mod stage;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use cudarc::driver::sys::{CUdevice_attribute as Attribute, CUfunction_attribute as Kernel, CUresult};
use cudarc::driver::{CudaContext, CudaSlice, CudaStream, DevicePtr, DeviceRepr, DriverError};
use cudarc::nvrtc::Ptx;

use self::compile::Text;
use self::run::{Loaded, Way};
use self::stage::Stage;
use super::engine::{Engine, Space, Staged};
use super::launch::Launch;
use super::memory::{Region, Span};
use super::one_kernel;
use super::program::Program;
use crate::{Error, Result};

/// The oldest driver whose functions are all that are called here: that of CUDA 12.0.
const DRIVER: i32 = 12_000;

/// From which compute capability on tensor cores have the instructions of `tensor.cuh`: that of Ampere.
const TENSOR_CORES: i32 = 8;

/// A GPU.
pub(super) struct Cuda {
    name: String,
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    stage: Stage,
    /// Its architecture: `sm_90`.
    arch: String,
    /// Whether it has tensor cores that know TF32 and bfloat16.
    tensor_cores: bool,
    /// How many multiprocessors it has.
    processors: u32,
    regions: BTreeMap<Region, CudaSlice<u8>>,
    /// The buffers of all programs: those of one, when it runs.
    work: Option<CudaSlice<u8>>,
    programs: Vec<Loaded>,
    /// Which program ran last.
    last: usize,
    /// Whether programs are run as one kernel each.
    in_one_kernel: bool,
}

impl Drop for Cuda {
    fn drop(&mut self) {
        self.forget();
    }
}

/// What a library of CUDA is for, its name, and whether it can be loaded.
fn find(library: &str, is_there: bool, hint: &str) -> Result<()> {
    if is_there {
        return Ok(());
    }
    Err(Error::Device { device: "CUDA".into(), reason: format!("the library {library} cannot be loaded; {hint}") })
}

/// Whether NVRTC is there, and how to get it if it is not.
fn find_nvrtc() -> Result<()> {
    // SAFETY: this only tries to open a library.
    let nvrtc = unsafe { cudarc::nvrtc::sys::is_culib_present() };
    find(
        "libnvrtc.so",
        nvrtc,
        "it comes with the CUDA toolkit 12 or 13, whose folder `lib64` must be in LD_LIBRARY_PATH; the Python package \
         nvidia-cuda-nvrtc has it too",
    )
}

/// The kernels of a program in the machine code of an architecture, such as `sm_90`. No GPU is needed.
pub(super) fn compile(program: &Program, arch: &str) -> Result<Vec<u8>> {
    find_nvrtc()?;
    Ok(compile::compile(&Text::kernels(program), arch)?.cubin)
}

/// The same of the program as one kernel.
pub(super) fn compile_as_one(program: &Program, arch: &str) -> Result<Vec<u8>> {
    find_nvrtc()?;
    Ok(compile::compile(&Text::one_kernel(program), arch)?.cubin)
}

impl Cuda {
    /// The GPU of this number.
    pub(super) fn new(index: usize) -> Result<Cuda> {
        // SAFETY: this only tries to open a library.
        let driver = unsafe { cudarc::driver::sys::is_culib_present() };
        find("libcuda.so", driver, "it comes with NVIDIA's driver, which is not installed, or not for this container")?;
        find_nvrtc()?;
        let no_device = |error: DriverError| failed("CUDA", "no GPU answers", error);
        cudarc::driver::result::init().map_err(no_device)?;
        let mut version = 0;
        // SAFETY: it writes one number.
        unsafe { cudarc::driver::sys::cuDriverGetVersion(&mut version) }.result().map_err(no_device)?;
        if version < DRIVER {
            let reason = format!(
                "the driver is for CUDA {}.{}; one for CUDA {}.0 or later is needed",
                version / 1000,
                version % 1000 / 10,
                DRIVER / 1000
            );
            return Err(Error::Device { device: "CUDA".into(), reason });
        }
        compile::fits(version)?;
        let count = CudaContext::device_count().map_err(no_device)?;
        if index >= count as usize {
            let reason = format!("there is no GPU of number {index}; there are {count}, counted from 0");
            return Err(Error::Device { device: "CUDA".into(), reason });
        }
        let context = CudaContext::new(index).map_err(no_device)?;
        let name = context.name().map_err(no_device)?;
        let of = |attribute| context.attribute(attribute).map_err(no_device);
        let major = of(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
        let minor = of(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
        let processors = of(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?.cast_unsigned();
        // SAFETY: all work goes to one stream, but for copies which have events of their own (`stage`).
        unsafe { context.disable_event_tracking() };
        let stream = context.new_stream().map_err(no_device)?;
        let stage = Stage::new(&context).map_err(no_device)?;
        let name = format!("GPU {index} ({name})");
        Ok(Cuda {
            name,
            context,
            stream,
            stage,
            arch: format!("sm_{major}{minor}"),
            tensor_cores: major >= TENSOR_CORES,
            processors,
            regions: BTreeMap::new(),
            work: None,
            programs: Vec::new(),
            last: 0,
            in_one_kernel: false,
        })
    }

    /// An error of the driver.
    fn failed(&self, what: &str, error: DriverError) -> Error {
        failed(&self.name, what, error)
    }

    /// Memory of so many bytes, or an error that says how much there is.
    fn zeroed(&self, bytes: usize, what: impl Display) -> Result<CudaSlice<u8>> {
        self.stream.alloc_zeros(bytes.max(1)).map_err(|error| {
            if error.0 != CUresult::CUDA_ERROR_OUT_OF_MEMORY {
                return self.failed(&format!("{bytes} bytes for {what} cannot be allocated"), error);
            }
            let (free, total) = self.context.mem_get_info().unwrap_or_default();
            let asked = format!("{bytes} bytes for {what}, where {free} of {total} are free");
            self.failed(&format!("there is no room: {asked}; try a smaller batch; `model.memory(batch)` says what it takes, and `Device::data_limit` has data take less"), error)
        })
    }

    /// Where a span lies, for a program with this plan.
    fn address(&self, plan: &[usize], Span { region, at, len }: Span) -> Result<u64> {
        let (slice, at) = match region {
            Region::Work(buffer) => (self.work.as_ref(), plan.get(buffer).copied().unwrap_or(0) + at),
            _ => (self.regions.get(&region), at),
        };
        let size = region.elem().size();
        let Some(slice) = slice.filter(|slice| (at + len) * size <= slice.len()) else {
            let reason =
                format!("{len} elements of {region:?} from {at} on are not allocated, which is a bug of keras");
            return Err(Error::Device { device: self.name.clone(), reason });
        };
        let (begin, _sync) = slice.device_ptr(&self.stream);
        Ok(begin + (at * size) as u64)
    }

    /// Copies numbers to the device.
    fn upload<T: DeviceRepr>(&self, to: Span, from: &[T]) -> Result<()> {
        if from.is_empty() {
            return Ok(());
        }
        let to = self.address(&[], to)?;
        let copied = self.context.bind_to_thread().and_then(|()| {
            // SAFETY: `address` has checked that the region is as long as the span, which is as long as `from`; the copy is
            // ordered with all other work by the stream, and `from` is not needed any more once the stream is done.
            unsafe { cudarc::driver::result::memcpy_htod_async(to, from, self.stream.cu_stream()) }
        });
        copied
            .and_then(|()| self.stream.synchronize())
            .map_err(|error| self.failed("data cannot be copied to the device", error))
    }

    /// Copies numbers from the device. Buffers are those of the program that ran last.
    fn download<T: DeviceRepr>(&self, from: Span, to: &mut [T]) -> Result<()> {
        if to.is_empty() {
            return Ok(());
        }
        let plan = self.programs.get(self.last).map_or(&[][..], |loaded| &loaded.program.plan);
        let from = self.address(plan, from)?;
        let copied = self.context.bind_to_thread().and_then(|()| {
            // SAFETY: as above, the other way round.
            unsafe { cudarc::driver::result::memcpy_dtoh_async(to, from, self.stream.cu_stream()) }
        });
        copied
            .and_then(|()| self.stream.synchronize())
            .map_err(|error| self.failed("data cannot be copied from the device", error))
    }

    /// Waits for all that is under way, so that graphs and memory that it uses can be freed by this thread. An error of it is
    /// told by the next call that reads or launches.
    fn settle(&self) {
        // Of an error of before, which these calls tell first, nobody is to hear here.
        let _ = self.context.bind_to_thread();
        let _ = self.stage.ahead.synchronize();
        let _ = self.stream.synchronize();
    }
}

fn failed(device: &str, what: &str, error: DriverError) -> Error {
    let said =
        error.error_string().map_or_else(|_| format!("{:?}", error.0), |text| text.to_string_lossy().into_owned());
    Error::Device { device: device.to_owned(), reason: format!("{what}: {said}") }
}

impl Engine for Cuda {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn space(&self) -> Result<Option<Space>> {
        let (free, total) =
            self.context.mem_get_info().map_err(|error| self.failed("its memory cannot be asked for", error))?;
        Ok(Some(Space { free, total }))
    }

    fn has_tensor_cores(&self) -> bool {
        self.tensor_cores
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        // What was there goes first: there may be no room for both.
        self.settle();
        self.regions.remove(&region);
        let slice = self.zeroed(len * region.elem().size(), format!("{region:?}"))?;
        self.regions.insert(region, slice);
        // Other streams write to it too, and must not do so before it is there.
        self.settle();
        Ok(())
    }

    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        self.staged(turn, floats, words)
    }

    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        self.send_staged(turn, ahead, then)
    }

    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()> {
        self.upload(to, from)
    }

    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()> {
        self.upload(to, from)
    }

    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()> {
        self.upload(to, from)
    }

    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()> {
        self.download(from, to)
    }

    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()> {
        self.download(from, to)
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        self.download(from, to)
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        let bytes = program.work * size_of::<f32>();
        if self.work.as_ref().is_none_or(|work| work.len() < bytes) {
            // Captured programs know the buffers by where they were, and what was there goes first: there may be no room for both.
            self.settle();
            self.programs.iter_mut().for_each(|loaded| loaded.way.forget());
            self.work = None;
            self.work = Some(self.zeroed(bytes, "the buffers of a batch")?);
        }
        let text = if self.in_one_kernel { Text::one_kernel(&program) } else { Text::kernels(&program) };
        let compiled = cache::compiled(&text, &self.arch)?;
        let broken = |error| self.failed("a compiled program cannot be loaded", error);
        let module = self.context.load_module(Ptx::from_binary(compiled.cubin)).map_err(broken)?;
        if self.in_one_kernel {
            let function = module.load_function("one_kernel").map_err(broken)?;
            // More than a kernel has without being asked for, with what it shares besides.
            let pool = one_kernel::POOL.cast_signed();
            function.set_attribute(Kernel::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, pool).map_err(broken)?;
            self.programs.push(Loaded { program, way: Way::OneKernel { function, arguments: None } });
            return Ok(self.programs.len() - 1);
        }
        let function = |launch: &Launch| {
            let expression = launch.expression();
            let Some(name) = compiled.names.get(&expression) else {
                let reason = format!("the compiled program has no {expression}, which is a bug of keras");
                return Err(Error::Device { device: self.name.clone(), reason });
            };
            module.load_function(name).map_err(broken)
        };
        let functions = program.launches.iter().map(function).collect::<Result<Vec<_>>>()?;
        self.programs.push(Loaded { program, way: Way::Launches { functions, graphs: Vec::new() } });
        Ok(self.programs.len() - 1)
    }

    fn forget(&mut self) {
        self.settle();
        self.programs.clear();
    }

    fn run_in_one_kernel(&mut self) {
        self.in_one_kernel = true;
    }

    fn run(&mut self, program: usize, times: usize) -> Result<()> {
        self.last = program;
        self.prepare(program, times)?;
        self.start(&self.programs[program], times)
    }

    fn run_launch(&mut self, program: usize, launch: usize) -> Result<()> {
        self.last = program;
        let Loaded { program, way } = &self.programs[program];
        match way {
            Way::Launches { functions, .. } => {
                self.launch(&program.plan, &program.launches[launch], &functions[launch])
            }
            Way::OneKernel { .. } => {
                let reason = "a program that is one kernel has no launches".to_owned();
                Err(Error::Device { device: self.name.clone(), reason })
            }
        }
    }
}
