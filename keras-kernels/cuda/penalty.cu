// L1 and L2 penalties: src/penalty.
#include "reduce.cuh"

// l1 Σ|x| + l2 Σx² over the numbers from `first` up to `end`, in thread 0. The threads of the block take turns with them.
__device__ inline double penalty_of(const float* x, size_t first, size_t end, float l1, float l2) {
    double of_l1 = 0.0, of_l2 = 0.0;
    for (size_t i = first + threadIdx.x; i < end; i += blockDim.x) {
        of_l1 += fabsf(x[i]);
        of_l2 += double(x[i]) * x[i];
    }
    return block_sum(l1 * of_l1 + l2 * of_l2);
}

// *step += factor times the penalty on `len` numbers. One block.
__global__ void penalty_value(double* step, const float* x, int len, float l1, float l2, float factor) {
    const double value = penalty_of(x, 0, len, l1, l2);
    if (threadIdx.x == 0) *step += factor * value;
}

// parts = the penalties on parts of so many of all `len` numbers. Each block has a part.
__global__ void penalty_parts(float* parts, const float* x, int part, int len, float l1, float l2) {
    const size_t first = size_t(blockIdx.x) * part, end = first + part < size_t(len) ? first + part : len;
    const double value = penalty_of(x, first, end, l1, l2);
    if (threadIdx.x == 0) parts[blockIdx.x] = float(value);
}

// *step += factor times the sum of `count` parts. One block.
__global__ void penalty_total(double* step, const float* parts, int count, float factor) {
    double value = 0.0;
    for (int i = int(threadIdx.x); i < count; i += int(blockDim.x)) value += parts[i];
    value = block_sum(value);
    if (threadIdx.x == 0) *step += factor * value;
}

// d = factor · (l1 sign(x) + 2 l2 x), where the sign of 0 is 0, or d += that if ACC; times the scale of the loss if there is one. A thread
// has one of `len` elements.
template <bool ACC>
__global__ void penalty_backward(
    float* d, const float* x, const float* scale, int len, float l1, float l2, float factor
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const float sign = x[i] > 0.0f ? 1.0f : x[i] < 0.0f ? -1.0f : 0.0f;
    if (scale != nullptr) factor *= *scale;
    put<ACC>(&d[i], factor * (l1 * sign + 2.0f * l2 * x[i]));
}
