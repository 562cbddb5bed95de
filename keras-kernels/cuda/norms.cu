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

// What gradients are multiplied by, so that the norm of the pieces that are clipped together is no more than `limit`: factors[i] where
// piece i is the first of these, 1 for the others. If ALL, a norm that is not finite makes it NaN. A block has a piece.
template <bool ALL>
__global__ void clip_factors(
    float* factors, const double* squares, const unsigned int* pieces, const float* control, const unsigned int* now,
    float limit
) {
    const Step step(pieces, control, now);
    const bool is_first = int(blockIdx.x) == step.first;
    double sum = 0.0;
    for (int i = int(threadIdx.x); is_first && i < step.count; i += int(blockDim.x)) sum += squares[step.first + i];
    sum = block_sum(sum);
    if (threadIdx.x != 0) return;
    const double norm = sqrt(sum);
    const bool finite = norm <= 1.7976931348623157e308;
    factors[blockIdx.x] = norm <= limit ? 1.0f : !finite && ALL ? not_a_number() : float(limit / norm);
}

// Gradients are multiplied by the factor of the pieces that they are clipped with, in a step that updates.
__global__ void scale_down(
    float* grads, const float* factors, const unsigned int* pieces, const float* control, const unsigned int* now
) {
    const Step step(pieces, control, now);
    const float factor = factors[step.first];
    if (!step.update || factor == 1.0f) return;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) grads[step.at + j] *= factor;
}
