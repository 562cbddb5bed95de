// L1 and L2 penalties: src/penalty.
#include "reduce.cuh"

// *step += factor · (l1 Σ|x| + l2 Σx²) over `len` numbers. One block, whose threads take turns with the elements.
__global__ void penalty_value(double* step, const float* x, int len, float l1, float l2, float factor) {
    double of_l1 = 0.0, of_l2 = 0.0;
    for (int i = int(threadIdx.x); i < len; i += int(blockDim.x)) {
        of_l1 += fabsf(x[i]);
        of_l2 += double(x[i]) * x[i];
    }
    const double value = block_sum(l1 * of_l1 + l2 * of_l2);
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
