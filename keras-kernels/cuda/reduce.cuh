// Sums and maxima over the threads of a warp or of a block. All add in one order, whatever runs first: the same numbers in give
// the same bits out.
#pragma once

#include "numbers.cuh"

constexpr unsigned int ALL_LANES = 0xffffffffu;
constexpr int WARP = 32;

__device__ inline int lane() { return int(threadIdx.x) % WARP; }

// Which of all warps of a launch this one is, where each has a row.
__device__ inline int row_of_warp() { return thread_of_launch() / WARP; }

// The sum of all lanes, in each of them. Both lanes of a pair add the same two numbers, so that all end with the same bits.
template <class T>
__device__ inline T warp_sum(T x) {
    for (int distance = WARP / 2; distance > 0; distance /= 2) x += __shfl_xor_sync(ALL_LANES, x, distance);
    return x;
}

// The largest number of all lanes, in each of them; NaN if one is NaN.
__device__ inline float warp_max(float x) {
    for (int distance = WARP / 2; distance > 0; distance /= 2) x = larger(x, __shfl_xor_sync(ALL_LANES, x, distance));
    return x;
}

// Σ x y over a row of N, in all lanes.
template <int N>
__device__ inline float dot_of_row(const float* x, const float* y) {
    float sum = 0.0f;
    for (int j = lane(); j < N; j += WARP) sum = fmaf(x[j], y[j], sum);
    return warp_sum(sum);
}

// The largest element of a row of N, in all lanes; NaN if one is NaN.
template <int N>
__device__ inline float most_of_row(const float* x) {
    float most = -infinity();
    for (int j = lane(); j < N; j += WARP) most = larger(most, x[j]);
    return warp_max(most);
}

// The sum of a block of up to 1024 threads, whole warps of them: in thread 0. All threads of the block call it together; a
// second call may follow at once.
__device__ inline double block_sum(double x) {
    __shared__ double of_warps[32];
    x = warp_sum(x);
    __syncthreads();
    if (lane() == 0) of_warps[threadIdx.x / WARP] = x;
    __syncthreads();
    double sum = 0.0;
    if (threadIdx.x == 0) {
        for (int warp = 0; warp < int(blockDim.x) / WARP; ++warp) sum += of_warps[warp];
    }
    return sum;
}

// The same, in all threads.
__device__ inline double block_total(double x) {
    __shared__ double total;
    x = block_sum(x);
    if (threadIdx.x == 0) total = x;
    __syncthreads();
    return total;
}

// The sum over a team of threads, in each of them: a warp, or a block of TEAM threads, whole warps of them. All threads of the team call
// it together; a second call may follow at once.
template <int TEAM>
__device__ inline float team_sum(float x) {
    x = warp_sum(x);
    if constexpr (TEAM > WARP) {
        __shared__ float of_team[TEAM / WARP];
        __syncthreads();
        if (lane() == 0) of_team[threadIdx.x / WARP] = x;
        __syncthreads();
        x = of_team[0];
        for (int warp = 1; warp < TEAM / WARP; ++warp) x += of_team[warp];
    }
    return x;
}

// Warps of a block of 256 threads.
constexpr int WARPS = 8;

// For each lane the sum of what the eight warps of a block of 256 threads have, in their order; in all of them. All threads of the block
// call it together; a second call may follow at once.
__device__ inline float sum_of_warps(float x) {
    __shared__ float of_warps[WARPS][WARP];
    __syncthreads();
    of_warps[threadIdx.x / WARP][lane()] = x;
    __syncthreads();
    float sum = of_warps[0][lane()];
    for (int warp = 1; warp < WARPS; ++warp) sum += of_warps[warp][lane()];
    return sum;
}
