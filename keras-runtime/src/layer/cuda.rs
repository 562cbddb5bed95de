//! What a layer of one's own says of its body for CUDA, and what devices have to know of it.

use keras_shapes::Shape;

use super::{Call, Flat};

/// The body of a layer of one's own for CUDA: [`Layer::cuda`](crate::Layer::cuda).
///
/// The source has the functions of the layer's phases, under the same names:
///
/// | function | what it does | by |
/// |---|---|---|
/// | `void forward(const Call&, const Weights& w, const Input& x, Output& y, Saved& saved)` | writes `y` and `saved` of a row | a block |
/// | `void backward_data(const Call&, const Weights& w, const Pass& pass, Input& dx)` | adds to `dx` of a row | a block |
/// | `float backward_NAME(const Call&, const Weights& w, const Pass& pass, int i, …)` | gives what a row adds to the gradient of `NAME[i]…` | a thread |
/// | `float update_NAME(const Call&, const Weights& w, const Batch& pass, int i, …)` | gives the new `NAME[i]…` | a block |
///
/// The last two are there once for each array of weights that is trained, and for each that is state, with an index for each of its
/// dimensions. The functions are `__device__`. `Weights` has the fields of [`Layer::Weights`](crate::Layer::Weights); `Input`, `Output`
/// and `Saved` are arrays with the dimensions that the samples have in Rust; `Pass` has those of a row as in
/// [`Backward`](super::Backward), and `Batch` those of each row: `pass[row].x`.
///
/// A function that is called by a block is called by all of its threads, which share the work: `for (int i : call.share(n))` takes a
/// thread through those of `0..n` that are its own, `call.sum(x)` is the sum of what all threads have, and they wait for each other
/// in `call.meet()`. `call.uniform(call.row, i)` is random number `i` of the row, the same as in Rust; `call.training` and
/// `call.batch` are as there too. `call.row` means nothing in `update_NAME`.
///
/// Sums over the batch are keras's work, in an order that depends on sizes alone. What the kernels are to do is what the Rust of the
/// layer does: that is what tests compare them with. docs/cuda.md has an example.
///
/// ```
/// use keras_runtime::layer::{Backward, Call, Cuda, Layer};
///
/// /// Each number times a fixed factor.
/// pub struct Scale(pub f32);
///
/// impl<const N: usize> Layer<[f32; N]> for Scale {
///     type Output = [f32; N];
///     type Weights = ();
///     type Saved = [f32; 0];
/// #   fn forward(&self, _: &Call, _: &(), _: &[[f32; N]], _: &mut [[f32; N]], _: &mut [[f32; 0]]) {}
/// #   fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; N], Self>, _: &mut [[f32; N]]) {}
///
///     // … and forward and backward_data in Rust.
///
///     fn cuda(&self) -> Option<Cuda> {
///         let source = "
///             __device__ void forward(const Call& call, const Weights&, const Input& x, Output& y, Saved&) {
///                 for (int i : call.share(N)) y[i] = FACTOR * x[i];
///             }
///
///             __device__ void backward_data(const Call& call, const Weights&, const Pass& pass, Input& dx) {
///                 for (int i : call.share(N)) dx[i] += FACTOR * pass.dy[i];
///             }
///         ";
///         Some(Cuda::new(source).constant("N", N).constant("FACTOR", self.0))
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Cuda {
    #[cfg(feature = "cuda")]
    pub(crate) source: &'static str,
    #[cfg(feature = "cuda")]
    pub(crate) constants: Vec<(&'static str, Constant)>,
}

/// A constant of a source: a number of `f32`, a whole number, or `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constant {
    /// `float`
    Float(f32),
    /// `int`, or a longer one if it has no room there.
    Int(i64),
    /// `bool`
    Bool(bool),
}

macro_rules! from {
    ($($kind:ty: |$x:ident| $constant:expr;)*) => {
        $(impl From<$kind> for Constant {
            fn from($x: $kind) -> Constant {
                $constant
            }
        })*
    };
}

from! {
    f32: |x| Constant::Float(x);
    i32: |x| Constant::Int(x.into());
    u32: |x| Constant::Int(x.into());
    // No array has more elements than fit.
    usize: |x| Constant::Int(i64::try_from(x).unwrap_or(i64::MAX));
    bool: |x| Constant::Bool(x);
}

impl Cuda {
    /// A body with this source, which is C++17; mostly `include_str!("….cu")`.
    pub fn new(source: &'static str) -> Cuda {
        #[cfg(not(feature = "cuda"))]
        let _ = source;
        Cuda {
            #[cfg(feature = "cuda")]
            source,
            #[cfg(feature = "cuda")]
            constants: Vec::new(),
        }
    }

    /// Gives the source a constant: a field of the layer's value, or a size.
    #[cfg_attr(not(feature = "cuda"), allow(unused_mut))]
    pub fn constant(mut self, name: &'static str, value: impl Into<Constant>) -> Cuda {
        let value = value.into();
        #[cfg(feature = "cuda")]
        self.constants.push((name, value));
        #[cfg(not(feature = "cuda"))]
        let _ = (name, value);
        self
    }
}

/// What devices have to know of a layer of one's own: generated code puts it into the model's description.
#[derive(Debug)]
pub struct OnDevice {
    /// The shapes of a sample, of its output, and of what is kept of it.
    pub shapes: [Shape; 3],
    /// Its body for CUDA, if it has one.
    pub cuda: fn() -> Option<Cuda>,
    /// Writes outputs and what is to be kept, of so many rows.
    pub forward: fn(&Call, Flat<'_>, &mut [f32], &mut [f32], usize),
    /// Adds the gradient of the input, of so many rows.
    pub backward_data: fn(&Call, Flat<'_>, &mut [f32], usize),
    /// Adds the gradients of the weights over a batch of so many rows.
    pub backward_params: fn(&Call, Flat<'_>, &mut [f32], usize),
    /// Sets the state in the weights anew after a batch of so many rows.
    pub update_state: fn(&Call, Flat<'_>, &mut [f32], usize),
}
