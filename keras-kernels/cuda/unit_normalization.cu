// Rows divided by their norm: src/unit_normalization. A warp has a row: its lanes take turns with the elements.
#include "reduce.cuh"

// The square of the smallest norm.
constexpr float SMALLEST_SQUARE = 1e-24f;

// y = x / √Σx², for m rows of N.
template <int N>
__global__ void unit_normalization_forward(float* y, const float* x, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    x += size_t(row) * N;
    y += size_t(row) * N;
    const float scale = 1.0f / sqrtf(larger(dot_of_row<N>(x, x), SMALLEST_SQUARE));
    for (int j = lane(); j < N; j += WARP) y[j] = x[j] * scale;
}

// dx = (dy - y Σ dy y) / √Σx² with y = x / √Σx², or dx += that if ACC, for m rows of N. A row shorter than the smallest norm is only
// scaled.
template <int N, bool ACC>
__global__ void unit_normalization_backward(float* dx, const float* dy, const float* x, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    x += size_t(row) * N;
    dy += size_t(row) * N;
    dx += size_t(row) * N;
    const float squares = dot_of_row<N>(x, x);
    const float scale = 1.0f / sqrtf(larger(squares, SMALLEST_SQUARE));
    const float dot = dot_of_row<N>(dy, x);
    const float along = squares <= SMALLEST_SQUARE ? 0.0f : dot * scale;
    for (int j = lane(); j < N; j += WARP) put<ACC>(&dx[j], (dy[j] - x[j] * scale * along) * scale);
}
