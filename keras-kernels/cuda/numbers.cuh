// Single numbers: limits, comparisons that keep NaN, and which element a thread has.
#pragma once

// Macros such as INFINITY come from headers, which are not at hand where kernels are compiled at run time.
__device__ inline float infinity() { return __int_as_float(0x7f800000); }
__device__ inline float not_a_number() { return __int_as_float(0x7fc00000); }

__device__ inline bool is_nan(float x) { return x != x; }

// The larger one; NaN if either is NaN. fmaxf would lose it.
__device__ inline float larger(float a, float b) { return a > b || is_nan(a) ? a : b; }

// x, but no less than `low` and no more than `high`; NaN stays.
__device__ inline float held(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

// Which of all threads of a launch this one is.
__device__ inline int thread_of_launch() { return int(blockIdx.x * blockDim.x + threadIdx.x); }

// Writes a number, or adds it to the one that is there.
template <bool ACC>
__device__ inline void put(float* to, float x) {
    *to = ACC ? *to + x : x;
}
