// Rows divided by their norm: src/unit_normalization. A warp has a row: its lanes take turns with the elements.
#include "reduce.cuh"

// The least sum of squares that a row is divided by the root of.
constexpr float SMALLEST_SQUARES = 1e-24f;

// The sum of the products of two rows of N, in each lane.
template <int N>
__device__ inline float dot_of_rows(const float* a, const float* b) {
    float sum = 0.0f;
    for (int j = lane(); j < N; j += WARP) sum = fmaf(a[j], b[j], sum);
    return warp_sum(sum);
}

// y = x / |x| in rows of N, for m rows.
template <int N>
__global__ void unit_normalization_forward(float* y, const float* x, int m) {
    const int row = thread_of_launch() / WARP;
    if (row >= m) return;
    x += size_t(row) * N;
    const float scale = 1.0f / sqrtf(larger(dot_of_rows<N>(x, x), SMALLEST_SQUARES));
    for (int j = lane(); j < N; j += WARP) y[size_t(row) * N + j] = x[j] * scale;
}

// dx = (dy - y Σ dy y) / |x|, or dx += that if ACC, for m rows of N. Where the norm is held, y does not count.
template <int N, bool ACC>
__global__ void unit_normalization_backward(float* dx, const float* dy, const float* x, int m) {
    const int row = thread_of_launch() / WARP;
    if (row >= m) return;
    dx += size_t(row) * N;
    dy += size_t(row) * N;
    x += size_t(row) * N;
    const float squares = dot_of_rows<N>(x, x), dot = dot_of_rows<N>(dy, x);
    const float scale = 1.0f / sqrtf(larger(squares, SMALLEST_SQUARES));
    const float along = squares <= SMALLEST_SQUARES ? 0.0f : dot * scale;
    for (int j = lane(); j < N; j += WARP) put<ACC>(&dx[j], (dy[j] - x[j] * scale * along) * scale);
}
