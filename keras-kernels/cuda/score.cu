// Losses and metrics: keras-runtime's src/loss and src/metric, and what counts in them.
#include "score.cuh"

// What each position counts, and what a position of weight 1 does: `weights` has one for each row of `positions`, `mask` one for
// each position, and those of the class `ignored` do not count; null where there is nothing of the kind. `of_positions`, if it is
// not null, gets weight · mask, and `share` 1 over what REDUCTION divides by, or 0 where that is 0. One block, whose threads take
// turns with the positions.
template <Word REDUCTION>
__global__ void shares(
    float* share, float* of_positions, const float* weights, const float* mask, const unsigned int* classes,
    unsigned int ignored, int positions, int count
) {
    double weight = 0.0, valid = 0.0;
    for (int p = int(threadIdx.x); p < count; p += int(blockDim.x)) {
        const float masked = mask ? mask[p] : 1.0f;
        const float of = (weights ? weights[p / positions] : 1.0f) * masked;
        if (of_positions) of_positions[p] = of;
        if (!classes || classes[p] != ignored) {
            weight += of;
            valid += masked != 0.0f ? 1.0 : 0.0;
        }
    }
    const double divisor = REDUCTION == SUM ? 1.0 : block_sum(REDUCTION == SUM_OVER_BATCH_SIZE ? valid : weight);
    if (threadIdx.x == 0) *share = divisor == 0.0 ? 0.0f : float(1.0 / divisor);
}

// The loss of each of `count` positions, and if `grad` is not null the gradient of their weighted sum, or that added if ACC. A
// position counts factor · share · its weight: `weights` may be null, and so may `share`, which is then `known`. A warp has a
// position.
template <Word WORD, Word FROM, int N, bool CLASSES, bool ACC>
__global__ void loss(
    float* losses, float* grad, const float* y, const float* logits, const Target<CLASSES>* targets, float number,
    int ignored, int count, const float* weights, const float* share, float known, float factor
) {
    const int i = thread_of_launch() / WARP;
    if (i >= count) return;
    const auto position = Position<WORD, FROM, N, CLASSES>::of(y, logits, targets, number, ignored, i);
    const float value = position.loss();
    if (lane() == 0) losses[i] = value;
    if (grad) {
        const float scale = factor * (share ? *share : known) * (weights ? weights[i] : 1.0f);
        position.template backward<ACC>(grad + size_t(i) * N, scale);
    }
}

// Adds the losses of `count` positions up: `step` gets factor times the loss, `sum` the loss times `rows`. One block, whose
// threads take turns with the positions.
__global__ void loss_total(
    double* step, double* sum, const float* losses, int count, int rows, const float* weights, const float* share,
    float known, float factor
) {
    double total = 0.0;
    for (int p = int(threadIdx.x); p < count; p += int(blockDim.x)) total += losses[p] * (weights ? weights[p] : 1.0f);
    total = block_sum(total);
    if (threadIdx.x == 0) {
        const double loss = total * (share ? *share : known);
        *step += factor * loss;
        *sum += loss * rows;
    }
}

// What a metric is the mean of, for each of `count` positions. A warp has a position.
template <Word WORD, Word FROM, int N, bool CLASSES>
__global__ void metric(
    float* figures, const float* y, const float* logits, const Target<CLASSES>* targets, float number, int ignored,
    int count
) {
    const int i = row_of_warp();
    if (i >= count) return;
    const double figure = Position<WORD, FROM, N, CLASSES>::of(y, logits, targets, number, ignored, i).measure();
    if (lane() == 0) figures[i] = float(figure);
}

// Takes `count` positions into account: sums[0] gets their figures times their weights, sums[1] the weights; `weights` may be
// null. One block, whose threads take turns with the positions.
__global__ void metric_total(double* sums, const float* figures, int count, const float* weights) {
    double total = 0.0, weight = 0.0;
    for (int p = int(threadIdx.x); p < count; p += int(blockDim.x)) {
        const double of = weights ? weights[p] : 1.0f;
        total += figures[p] * of;
        weight += of;
    }
    total = block_sum(total);
    weight = block_sum(weight);
    if (threadIdx.x == 0) {
        sums[0] += total;
        sums[1] += weight;
    }
}
