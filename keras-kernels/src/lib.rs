//! Scalar and SIMD kernels of keras, no_std.
