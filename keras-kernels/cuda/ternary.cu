// Kernels whose weights count as −1, 0 or 1: src/ternary.
#include "reduce.cuh"

// sums = Σ |w| over parts of so many of all `len` weights. Each block has a part.
__global__ void __launch_bounds__(256) ternary_sums(float* sums, const float* w, int part, int len) {
    const size_t first = size_t(blockIdx.x) * part, end = first + part < size_t(len) ? first + part : len;
    double sum = 0.0;
    for (size_t i = first + threadIdx.x; i < end; i += blockDim.x) sum += fabsf(w[i]);
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = float(sum);
}

// t = the sign of w times the factor where |w| is more than the threshold, and 0 elsewhere. The factor, which one thread writes to
// `mean`, is 1 if the threshold is GIVEN, and otherwise the mean of all |w|, from `count` sums, 256 at the most; the threshold is
// half of it then. A thread has one of `len` weights.
template <bool GIVEN>
__global__ void __launch_bounds__(256)
    ternary_kernel(float* t, float* mean, const float* w, const float* sums, int count, int len, float threshold) {
    float factor = 1.0f;
    if constexpr (!GIVEN) {
        factor = float(block_total(int(threadIdx.x) < count ? sums[threadIdx.x] : 0.0) / len);
        threshold = 0.5f * factor;
    }
    const int i = thread_of_launch();
    if (i == 0) *mean = factor;
    // 0 times the weight and the factor, so that NaN spreads.
    if (i < len) t[i] = fabsf(w[i]) > threshold ? copysignf(factor, w[i]) : 0.0f * factor * w[i];
}

// dy times the mean, in its place. A thread has one of `len` elements.
__global__ void ternary_scale(float* dy, const float* mean, int len) {
    const int i = thread_of_launch();
    if (i < len) dy[i] *= *mean;
}

// d = the sign of w times the sum of all parts, at most 256, over the mean's square and `len`; or d += that if ACC. A thread has one
// of `len` weights.
template <bool ACC>
__global__ void __launch_bounds__(256)
    ternary_backward(float* d, const float* w, const float* parts, const float* mean, int count, int len) {
    const float sum = float(block_total(int(threadIdx.x) < count ? parts[threadIdx.x] : 0.0));
    const float slope = *mean == 0.0f ? 0.0f : sum / *mean / *mean / len;
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&d[i], w[i] > 0.0f ? slope : w[i] < 0.0f ? -slope : 0.0f);
}
