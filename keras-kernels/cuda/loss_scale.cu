// A scaled loss: keras-runtime's optimizer::LossScale. `now` has whether the step is left out, in word 4, and how many there have been
// since the scale has changed, in word 5.
#include "pieces.cuh"
#include "reduce.cuh"

// What a position counts in the gradient of a loss, scaled: *shares if there is that, or `known`. One thread.
__global__ void scale_share(float* share, const float* scale, const float* shares, float known) {
    *share = *scale * (shares == nullptr ? known : *shares);
}

// Gradients are divided by the scale. `found` has for each piece whether one of them counts as infinite, or is NaN.
__global__ void unscale(
    float* grads, unsigned int* found, const float* scale, const unsigned int* pieces, const float* control,
    const unsigned int* now
) {
    const Step step(pieces, control, now);
    const float by = *scale;
    double infinite = 0.0;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        if (!(fabsf(grads[i]) < step.infinite)) infinite = 1.0;
        grads[i] /= by;
    }
    infinite = block_sum(infinite);
    if (threadIdx.x == 0) found[blockIdx.x] = infinite > 0.0 ? 1 : 0;
}

// Leaves the step out and halves the scale if gradients of one of so many pieces are infinite; otherwise every so many steps double it.
// One block, whose threads take turns with the pieces.
__global__ void judge(float* scale, unsigned int* now, const unsigned int* found, int pieces, unsigned int growth_steps) {
    double infinite = 0.0;
    for (int i = int(threadIdx.x); i < pieces; i += int(blockDim.x)) infinite += found[i];
    infinite = block_sum(infinite);
    if (threadIdx.x == 0) {
        const bool left_out = infinite > 0.0;
        const bool grows = !left_out && now[5] + 1 == growth_steps;
        now[4] = left_out ? 1 : 0;
        now[5] = left_out || grows ? 0 : now[5] + 1;
        *scale *= left_out ? 0.5f : grows ? 2.0f : 1.0f;
    }
}
