// The largest singular value of a kernel: src/spectral.
#include "reduce.cuh"

// x /= its norm, which is 1e-7 at the least, of `len` numbers. All threads of the block call it together.
__device__ inline void normalize(float* x, int len) {
    double sum = 0.0;
    for (int i = int(threadIdx.x); i < len; i += int(blockDim.x)) sum += double(x[i]) * x[i];
    float scale = 1.0f / sqrtf(float(block_total(sum)));
    scale = scale > 1e7f ? 1e7f : scale;
    for (int i = int(threadIdx.x); i < len; i += int(blockDim.x)) x[i] *= scale;
    __syncthreads();
}

// Σ x y over `len` numbers, in all lanes of a warp.
__device__ inline float dot_of_warp(const float* x, const float* y, int len) {
    float sum = 0.0f;
    for (int j = lane(); j < len; j += WARP) sum = fmaf(x[j], y[j], sum);
    return warp_sum(sum);
}

// The value of w, which has m rows of c, and the vectors u of c and v of m, by so many steps of the power iteration from `state`
// on. One block: its warps take turns with the rows of w, its threads with the columns.
__global__ void __launch_bounds__(256)
    spectral_norm(float* value, float* u, float* v, const float* w, const float* state, int m, int c, int iterations) {
    const int thread = int(threadIdx.x), threads = int(blockDim.x);
    bool any = false;
    for (int i = thread; i < m * c; i += threads) any |= w[i] != 0.0f;
    for (int j = thread; j < c; j += threads) u[j] = state[j];
    for (int i = thread; i < m; i += threads) v[i] = 0.0f;
    if (block_total(any ? 1.0 : 0.0) == 0.0) {
        if (thread == 0) *value = 1.0f;
        return;
    }
    const int warp = thread / WARP, warps = threads / WARP;
    for (int step = 0; step < iterations; ++step) {
        for (int i = warp; i < m; i += warps) {
            const float of_row = dot_of_warp(w + size_t(i) * c, u, c);
            if (lane() == 0) v[i] = of_row;
        }
        __syncthreads();
        normalize(v, m);
        for (int j = thread; j < c; j += threads) {
            float sum = 0.0f;
            for (int i = 0; i < m; ++i) sum = fmaf(v[i], w[size_t(i) * c + j], sum);
            u[j] = sum;
        }
        __syncthreads();
        normalize(u, c);
    }
    double sum = 0.0;
    for (int i = warp; i < m; i += warps) {
        const float of_row = dot_of_warp(w + size_t(i) * c, u, c);
        if (lane() == 0) sum += double(v[i]) * of_row;
    }
    sum = block_sum(sum);
    if (thread == 0) *value = float(sum);
}

// y = x over the value, or y += that if ACC. A thread has one of `len` elements.
template <bool ACC>
__global__ void spectral_divide(float* y, const float* x, const float* value, int len) {
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&y[i], x[i] / *value);
}

// parts = Σ y dy over parts of so many of all `len` elements. Each block has a part.
__global__ void __launch_bounds__(256) spectral_dot(float* parts, const float* y, const float* dy, int part, int len) {
    const size_t first = size_t(blockIdx.x) * part, end = first + part < size_t(len) ? first + part : len;
    double sum = 0.0;
    for (size_t i = first + threadIdx.x; i < end; i += blockDim.x) sum += double(y[i]) * dy[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = float(sum);
}

// d = −(the sum of all parts, at most 256, over the value) v uᵀ, or d += that if ACC. A thread has one of `len` elements, in rows
// of c.
template <bool ACC>
__global__ void __launch_bounds__(256) spectral_kernel(
    float* d, const float* parts, const float* value, const float* u, const float* v, int count, int c, int len
) {
    const double sum = block_total(int(threadIdx.x) < count ? parts[threadIdx.x] : 0.0);
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&d[i], -float(sum) / *value * v[i / c] * u[i % c]);
}
