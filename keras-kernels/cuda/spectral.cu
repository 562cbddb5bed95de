// The largest singular value of a kernel, by the power iteration: src/spectral.
#include "reduce.cuh"

// v = W u, of a kernel w of m rows of c. `any` is 1 for each row that has an element other than 0, and 0 for the others, unless it is
// null. A warp has a row.
__global__ void spectral_rows(float* v, float* any, const float* w, const float* u, int m, int c) {
    const int i = row_of_warp();
    if (i >= m) return;
    w += size_t(i) * c;
    float sum = 0.0f, most = 0.0f;
    for (int j = lane(); j < c; j += WARP) {
        sum = fmaf(w[j], u[j], sum);
        if (w[j] != 0.0f) most = 1.0f;
    }
    sum = warp_sum(sum);
    most = warp_max(most);
    if (lane() != 0) return;
    v[i] = sum;
    if (any) any[i] = most;
}

// u = Wᵀ v in parts, each over `share` of the m rows of c. The grid's x is for 32 columns, a lane each, its y for the parts; the eight
// warps of a block take turns with the rows.
__global__ void __launch_bounds__(WARPS * WARP)
    spectral_columns(float* u, const float* w, const float* v, int share, int m, int c) {
    const int warp = int(threadIdx.x) / WARP, j = int(blockIdx.x) * WARP + lane(), column = j < c ? j : 0;
    const int first = int(blockIdx.y) * share, end = first + share < m ? first + share : m;
    float sum = 0.0f;
    for (int i = first + warp; i < end; i += WARPS) sum = fmaf(v[i], w[size_t(i) * c + column], sum);
    sum = sum_of_warps(sum);
    if (warp == 0 && j < c) u[size_t(blockIdx.y) * c + j] = sum;
}

// x over its norm, which is 1e-7 at the least, of `len` numbers. One block.
__global__ void spectral_normalize(float* x, int len) {
    double sum = 0.0;
    for (int i = int(threadIdx.x); i < len; i += int(blockDim.x)) sum += double(x[i]) * x[i];
    float scale = 1.0f / sqrtf(float(block_total(sum)));
    scale = scale > 1e7f ? 1e7f : scale;
    for (int i = int(threadIdx.x); i < len; i += int(blockDim.x)) x[i] *= scale;
}

// The value, v · W u of m rows, given `product`, W u. Of a kernel that is 0, as `any` says of its rows, it is 1, and u, of c numbers, stays
// as it is in `state`; v is 0 there anyway. One block.
__global__ void spectral_value(
    float* value, float* u, const float* v, const float* product, const float* any, const float* state, int m, int c
) {
    double sum = 0.0, others = 0.0;
    for (int i = int(threadIdx.x); i < m; i += int(blockDim.x)) {
        sum += double(v[i]) * product[i];
        others += any[i];
    }
    sum = block_sum(sum);
    if (block_total(others) == 0.0) {
        for (int j = int(threadIdx.x); j < c; j += int(blockDim.x)) u[j] = state[j];
        sum = 1.0;
    }
    if (threadIdx.x == 0) *value = float(sum);
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
