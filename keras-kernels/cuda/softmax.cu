// Softmax and its logarithm over rows: src/softmax, src/log_softmax. A warp has a row: its lanes take turns with the elements.
#include "reduce.cuh"

// y = softmax(x) in rows of N, or its logarithm if LOG, for m rows.
template <int N, bool LOG>
__global__ void softmax_forward(float* y, const float* x, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    x += size_t(row) * N;
    y += size_t(row) * N;
    const float most = most_of_row<N>(x);
    float sum = 0.0f;
    for (int j = lane(); j < N; j += WARP) {
        const float power = expf(x[j] - most);
        sum += power;
        if constexpr (!LOG) y[j] = power;
    }
    sum = warp_sum(sum);
    if constexpr (LOG) {
        const float log = logf(sum);
        for (int j = lane(); j < N; j += WARP) y[j] = x[j] - most - log;
    } else {
        for (int j = lane(); j < N; j += WARP) y[j] /= sum;
    }
}

// dx = y (dy - Σ dy y), or for the logarithm dy - exp(y) Σ dy, or dx += that if ACC, for m rows of N.
template <int N, bool LOG, bool ACC>
__global__ void softmax_backward(float* dx, const float* dy, const float* y, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    dx += size_t(row) * N;
    dy += size_t(row) * N;
    y += size_t(row) * N;
    float sum = 0.0f;
    for (int j = lane(); j < N; j += WARP) sum += LOG ? dy[j] : dy[j] * y[j];
    sum = warp_sum(sum);
    for (int j = lane(); j < N; j += WARP) put<ACC>(&dx[j], LOG ? dy[j] - expf(y[j]) * sum : y[j] * (dy[j] - sum));
}
