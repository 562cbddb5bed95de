//! The sources of the kernels for CUDA devices.
//!
//! Kernels are templates over what belongs to a model: sizes, activations, whether something is there. They are compiled for a
//! model and a device, by NVRTC or nvcc, as C++17 or later. Words such as `RELU`, which stand among the template's arguments, are
//! in `words.cuh`.
//!
//! Every sum is added up in an order that depends on sizes alone, and nothing by atomic operations: the same numbers in give the
//! same bits out.

macro_rules! sources {
    ($($file:literal)*) => {
        /// The files, by name and text: those that end in `.cu` have kernels, those in `.cuh` what kernels share. They include
        /// each other by these names.
        ///
        /// ```
        /// let (_, text) = keras_kernels::cuda::SOURCES.iter().find(|(file, _)| *file == "gemm.cu").unwrap();
        /// assert!(text.contains("gemm_forward"));
        /// ```
        pub const SOURCES: &[(&str, &str)] = &[$(($file, include_str!(concat!("../cuda/", $file))),)*];
    };
}

sources! {
    "activation.cuh"
    "advance.cu"
    "attention.cu"
    "attention.cuh"
    "attention_backward.cu"
    "attention_weights.cu"
    "batch_normalization.cu"
    "bias.cu"
    "carried.cu"
    "concatenate.cu"
    "constraint.cu"
    "conv.cu"
    "conv_recurrent.cu"
    "dims.cuh"
    "elementwise.cu"
    "embedding.cu"
    "factors.cuh"
    "gather.cu"
    "gather_rows.cu"
    "gemm.cu"
    "gemm.cuh"
    "gemm_part.cu"
    "glu.cu"
    "interpolate.cu"
    "loss_scale.cu"
    "mask.cu"
    "normalization.cu"
    "norms.cu"
    "numbers.cuh"
    "one_kernel.cuh"
    "own.cu"
    "own.cuh"
    "penalty.cu"
    "philox.cuh"
    "pieces.cuh"
    "pool.cu"
    "prelu.cu"
    "products.cu"
    "recurrent.cu"
    "recurrent.cuh"
    "reduce.cuh"
    "round.cuh"
    "score.cu"
    "score.cuh"
    "shaped_dropout.cu"
    "shared.cuh"
    "softmax.cu"
    "sparsemax.cu"
    "spectral.cu"
    "tensor.cuh"
    "tensor_tile.cuh"
    "ternary.cu"
    "unit_normalization.cu"
    "update.cu"
    "windows.cuh"
    "words.cuh"
}
