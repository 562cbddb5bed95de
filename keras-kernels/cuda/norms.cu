// What an optimizer does to gradients before its rule has them, by pieces.
#include "pieces.cuh"
#include "reduce.cuh"

// Gradients are added to their sums; in a step that updates they become means of `steps` steps, and the sums begin anew.
__global__ void accumulate(
    float* grads, float* sums, const unsigned int* pieces, const float* control, const unsigned int* now, float steps
) {
    const Step step(pieces, control, now);
    if (step.left_out) return;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        if (step.update) {
            grads[i] = (grads[i] + sums[i]) / steps;
            sums[i] = 0.0f;
        } else {
            sums[i] += grads[i];
        }
    }
}

// By piece, the sum of the squares of its gradients.
__global__ void squares(
    double* squares, const float* grads, const unsigned int* pieces, const float* control, const unsigned int* now
) {
    const Step step(pieces, control, now);
    double sum = 0.0;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const double g = grads[step.at + j];
        sum += g * g;
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) squares[blockIdx.x] = sum;
}

// Gradients whose norm is more than `limit` are scaled down to it; it is that of the pieces which are clipped together. If ALL, one that is
// not finite makes them NaN.
template <bool ALL>
__global__ void scale_down(
    float* grads, const double* squares, const unsigned int* pieces, const float* control, const unsigned int* now,
    float limit
) {
    __shared__ float shared_factor;
    const Step step(pieces, control, now);
    if (!step.update) return;
    double sum = 0.0;
    for (int i = int(threadIdx.x); i < step.count; i += int(blockDim.x)) sum += squares[step.first + i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        const double norm = sqrt(sum);
        const bool finite = norm <= 1.7976931348623157e308;
        shared_factor = norm <= limit ? 1.0f : !finite && ALL ? not_a_number() : float(limit / norm);
    }
    __syncthreads();
    const float factor = shared_factor;
    if (factor == 1.0f) return;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) grads[step.at + j] *= factor;
}
