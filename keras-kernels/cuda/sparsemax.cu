// Sparsemax over rows: src/sparsemax, which tells how the threshold is found. A warp has a row: its lanes take turns with the
// elements.
#include "reduce.cuh"

// The threshold of a row of N that has been read less `most`, its largest element; in all lanes.
template <int N>
__device__ inline float threshold_of_row(const float* x, float most) {
    // Nothing of 1 or more below the largest can be above it.
    float threshold = -1.0f;
    for (int count = N + 1;;) {
        float sum = 0.0f;
        int above = 0;
        for (int j = lane(); j < N; j += WARP) {
            const float of = x[j] - most;
            if (of > threshold || is_nan(of)) {
                sum += of;
                above += 1;
            }
        }
        sum = warp_sum(sum);
        above = warp_sum(above);
        // Rounding can bring one back that fell out, which would never end.
        if (above >= count || above == 0) return threshold;
        count = above;
        threshold = (sum - 1.0f) / float(above);
    }
}

// y = max(x - threshold, 0) in rows of N, for m rows; NaN stays.
template <int N>
__global__ void sparsemax_forward(float* y, const float* x, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    x += size_t(row) * N;
    y += size_t(row) * N;
    const float most = most_of_row<N>(x);
    const float threshold = threshold_of_row<N>(x, most);
    for (int j = lane(); j < N; j += WARP) {
        const float of = x[j] - most;
        y[j] = of <= threshold ? 0.0f : of - threshold;
    }
}

// dx = dy less its mean, both over the elements of a row where y is not 0, and 0 elsewhere; or dx += that if ACC, for m rows of N.
template <int N, bool ACC>
__global__ void sparsemax_backward(float* dx, const float* dy, const float* y, int m) {
    const int row = row_of_warp();
    if (row >= m) return;
    dx += size_t(row) * N;
    dy += size_t(row) * N;
    y += size_t(row) * N;
    float sum = 0.0f, count = 0.0f;
    for (int j = lane(); j < N; j += WARP) {
        if (y[j] == 0.0f) continue;
        sum += dy[j];
        count += 1.0f;
    }
    const float mean = warp_sum(sum) / warp_sum(count);
    for (int j = lane(); j < N; j += WARP) put<ACC>(&dx[j], y[j] == 0.0f ? 0.0f : dy[j] - mean);
}
