//! Devices other than the processor's cores.
//!
//! ```
//! use keras_runtime::device::Device;
//! // The device that every machine has: the same programs, run on the host by plain Rust.
//! let device = Device::reference();
//! assert_eq!(device.name(), "the host");
//! ```
//!
//! `model.compile(…)?.on(Device::cuda(0)?)?` trains a model on a GPU. From the model's [`Graph`](crate::Graph) a [`Program`]
//! is built, once for each size of a batch: launches of kernels for the forward pass, losses and metrics, the backward pass and
//! the update, and a plan of the memory that they need. Data are uploaded once, and batches are gathered on the device; data that do
//! not fit go there in pieces. What comes back is a few sums for the logs, and the weights where somebody looks at them.
//!
//! | | |
//! |---|---|
//! | [`launch`] | one launch of a kernel, and what it means |
//! | [`memory`] | regions of a device's memory |
//! | [`program`] | launches in their order, and where their buffers lie |
//! | `builder`, `ops` | from a graph to launches: one file for each op |
//! | `elementwise` | what ops do for each element, of which several are one launch |
//! | `math` | what matrix products multiply |
//! | `objectives` | losses, metrics, penalties |
//! | `norms`, `update`, `constraint` | what an optimizer does to gradients, to weights, and what is done to these afterwards |
//! | `data` | what a row of data is made of, and whether all rows are there at once |
//! | `engine` | what a device can do; `reference` does it on the host |
//! | `cuda` | GPUs by CUDA |
//! | `one_kernel` | a program as one kernel |
//! | `pass` | a forward and a backward pass by themselves, for tests |
//! | `product` | a matrix product by itself, for tests |
//! | `session` | a compiled model on a device |
//! | `execution` | the steps that it runs together |
//! | `source` | what a program is compiled from, and what keras writes around the source of a layer of one's own |

mod build;
mod builder;
mod constraint;
mod cuda;
mod data;
mod elementwise;
mod engine;
mod execution;
mod goal;
pub mod launch;
mod loss_scale;
mod math;
pub mod memory;
mod norms;
mod objectives;
#[doc(hidden)]
pub mod one_kernel;
mod ops;
mod pass;
mod product;
pub mod program;
mod reference;
mod session;
mod source;
mod update;

#[doc(hidden)]
pub use elementwise::Elementwise;
#[doc(hidden)]
pub use engine::{Engine, Staged, TURNS};
pub use engine::{Space, Usage};
pub use launch::{Arg, Launch};
pub use loss_scale::Scaling;
#[doc(hidden)]
pub use math::Math;
pub use ops::OPS;
#[doc(hidden)]
pub use ops::activation;
#[doc(hidden)]
pub use pass::{Pass, Passed};
#[doc(hidden)]
pub use product::{Product, Transposed};
pub use program::Program;
pub use reference::Memory;
#[doc(hidden)]
pub use reference::{Host, Lens, Watch};
pub use source::Source;
#[doc(hidden)]
pub use source::text;
pub use update::{Rule, Update};

pub(crate) use data::{Room, Row, Wanted};
pub(crate) use execution::What;
pub(crate) use goal::{Goal, Score};
pub(crate) use math::Products;
pub(crate) use memory::{Control, Data};
pub(crate) use session::{Run, Session};

use std::fmt;

use crate::Result;

/// A device to train on: [`Compiled::on`](crate::Compiled::on).
pub struct Device {
    engine: Box<dyn Engine>,
    data_limit: Option<usize>,
    /// Whether products are those of TF32.
    tf32: bool,
}

impl Device {
    /// The device that every machine has: programs are run on the host, launch by launch, by plain Rust. It is slow, and the
    /// oracle for all others.
    #[must_use]
    pub fn reference() -> Device {
        Device::with_engine(Box::new(Host::<()>::default()))
    }

    /// The GPU of this number, by CUDA.
    ///
    /// Nothing of CUDA is needed to build a program with this feature. When it runs, NVIDIA's driver must be there, and NVRTC,
    /// which compiles kernels for the model and the GPU; what it has compiled is kept in the folder `cuda` of `KERAS_HOME`,
    /// `~/.keras` unless that is set.
    ///
    /// # Errors
    /// If there is no such GPU, or what of CUDA is missing or too old.
    pub fn cuda(index: usize) -> Result<Device> {
        Ok(Device::with_engine(Box::new(cuda::Cuda::new(index)?)))
    }

    /// The device, on which all steps of an execution are one kernel, whose blocks stay and meet where a launch needs another.
    ///
    /// Without this they are a captured graph of launches. A kernel that stays has no launches to wait for; but it is compiled for each
    /// program anew, its blocks take the registers of the launch that needs the most, and there is one on each multiprocessor at the
    /// most, so that it is meant for small networks. Which is faster can only be measured. On the host it makes no difference.
    #[must_use]
    pub fn in_one_kernel(mut self) -> Device {
        self.engine.run_in_one_kernel();
        self
    }

    /// The device, of whose memory the data of a call may take no more than so many bytes.
    ///
    /// Data that take more, inputs, targets and weights of samples together, go there in pieces: the rows of an execution
    /// ([`steps_per_execution`](crate::Compiled::steps_per_execution)) are copied while the steps of the one before run. So it is
    /// without a limit too where data do not fit beside the model. The numbers are the same to the bit. Where not all rows of an
    /// execution find room twice, it is run part by part; two batches have to be there, or the call is an error.
    ///
    /// ```
    /// use keras_runtime::device::Device;
    /// let device = Device::reference().data_limit(512 << 20);
    /// ```
    #[must_use]
    pub fn data_limit(mut self, bytes: usize) -> Device {
        self.data_limit = Some(bytes);
        self
    }

    /// The device, whose matrix products are those of TF32: both factors are rounded to 11 digits of the significand, to the nearest,
    /// and tensor cores multiply these and add up in f32. Without this a device multiplies floats as they are. It is what TensorFlow
    /// calls TensorFloat-32 execution and PyTorch `allow_tf32`.
    ///
    /// It is for the products of dense, convolutional and einsum layers, of `Dot`, and of the projections of recurrent layers, forward and
    /// backward. The steps of LSTM, GRU and SimpleRNN, attention, convolutions of groups of few features, and all that is no product
    /// stay as they are. So do products of numbers that a mixed policy has rounded: tensor cores multiply those in their own format,
    /// with or without this.
    ///
    /// GPUs before Ampere (compute capability 8.0) have no such tensor cores, and multiply floats as they are.
    ///
    /// ```
    /// use keras_runtime::device::Device;
    /// let device = Device::reference().tf32();
    /// assert_eq!(device.name(), "the host");
    /// ```
    #[must_use]
    #[doc(alias = "allow_tf32")]
    #[doc(alias = "enable_tensor_float_32_execution")]
    #[doc(alias = "matmul_precision")]
    pub fn tf32(mut self) -> Device {
        self.tf32 = true;
        self
    }

    /// What its products multiply.
    fn products(&self) -> Products {
        Products { tensor_cores: self.engine.has_tensor_cores(), tf32: self.tf32 }
    }

    /// A device that somebody else runs: for tests, which look at every launch.
    #[doc(hidden)]
    #[must_use]
    pub fn with_engine(engine: Box<dyn Engine>) -> Device {
        Device { engine, data_limit: None, tf32: false }
    }

    /// What runs it: for tests, which run two beside each other.
    #[doc(hidden)]
    #[must_use]
    pub fn into_engine(self) -> Box<dyn Engine> {
        self.engine
    }

    /// What it is.
    #[must_use]
    pub fn name(&self) -> String {
        self.engine.name()
    }

    /// Its memory; nothing if that is the host's.
    ///
    /// # Errors
    /// If the device does not answer.
    pub fn space(&self) -> Result<Option<Space>> {
        self.engine.space()
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({})", self.name())
    }
}
