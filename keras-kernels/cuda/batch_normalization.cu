// Normalization of each channel over a batch: src/batch_normalization. A sample has POSITIONS of C channels.
//
// What is gathered of a batch are C means, C times 1 / √(σ² + ε), C times r and d of renormalization, and of how many samples they are.
// Sums are taken of each sample first, then of all samples.
#include "reduce.cuh"

// Of each sample: C means, C variances, and the share of positions that count, which `mask` says if MASKED. The grid's x is for samples,
// its y for 32 channels, a lane each; the eight warps of a block take turns with the positions.
template <int POSITIONS, int C, bool MASKED>
__global__ void __launch_bounds__(WARPS * WARP)
    batch_normalization_statistics(float* stats, const float* x, const float* mask) {
    const int sample = int(blockIdx.x), warp = int(threadIdx.x) / WARP, j = int(blockIdx.y) * WARP + lane();
    const int channel = j < C ? j : 0;
    x += size_t(sample) * POSITIONS * C + channel;
    stats += size_t(sample) * (2 * C + 1);
    if constexpr (MASKED) mask += size_t(sample) * POSITIONS;
    float sum = 0.0f, count = 0.0f;
    for (int p = warp; p < POSITIONS; p += WARPS) {
        if (MASKED && mask[p] == 0.0f) continue;
        sum += x[size_t(p) * C];
        count += 1.0f;
    }
    sum = sum_of_warps(sum);
    count = sum_of_warps(count);
    const float scale = count == 0.0f ? 0.0f : 1.0f / count;
    const float mean = sum * scale;
    float square = 0.0f;
    for (int p = warp; p < POSITIONS; p += WARPS) {
        if (MASKED && mask[p] == 0.0f) continue;
        const float d = x[size_t(p) * C] - mean;
        square = fmaf(d, d, square);
    }
    square = sum_of_warps(square);
    if (warp != 0 || j >= C) return;
    stats[j] = mean;
    stats[C + j] = square * scale;
    if (j == 0) stats[2 * C] = count * (1.0f / POSITIONS);
}

// What is gathered of the batch, from m samples, the count beginning with `least`; and the moving averages after the step. The last three
// pointers are null, and what follows ε and the momentum means nothing, unless RENORM: the moving deviation, and the mean and the
// deviation that training goes by. A warp has a channel, whose lanes take turns with the samples.
template <int C, bool RENORM>
__global__ void batch_normalization_gather(
    float* gathered, float* moving_mean, float* moving_variance, float* moving_deviation, float* own_mean,
    float* own_deviation, const float* stats, int m, float least, float epsilon, float momentum, float own_momentum,
    float rmin, float rmax, float dmax
) {
    const int j = row_of_warp();
    if (j >= C) return;
    constexpr int EACH = 2 * C + 1;
    float samples = 0.0f, mean = 0.0f;
    for (int i = lane(); i < m; i += WARP) {
        const float* const of = stats + size_t(i) * EACH;
        samples += of[2 * C];
        mean = fmaf(of[2 * C], of[j], mean);
    }
    samples = least + warp_sum(samples);
    mean = warp_sum(mean) * (1.0f / samples);
    float variance = 0.0f;
    for (int i = lane(); i < m; i += WARP) {
        const float* const of = stats + size_t(i) * EACH;
        const float d = of[j] - mean;
        variance = fmaf(of[2 * C], fmaf(d, d, of[C + j]), variance);
    }
    variance = warp_sum(variance) * (1.0f / samples);
    if (lane() != 0) return;
    const float deviation = sqrtf(variance + epsilon);
    gathered[j] = mean;
    gathered[C + j] = 1.0f / deviation;
    if (j == 0) gathered[4 * C] = samples;
    moving_mean[j] = momentum * moving_mean[j] + (1.0f - momentum) * mean;
    if constexpr (RENORM) {
        const float old = own_deviation[j], least_deviation = sqrtf(epsilon);
        const float divisor = old > least_deviation ? old : least_deviation;
        gathered[2 * C + j] = held(deviation / divisor, rmin, rmax);
        gathered[3 * C + j] = held((mean - own_mean[j]) / divisor, -dmax, dmax);
        const float moved = momentum * moving_deviation[j] + (1.0f - momentum) * deviation;
        moving_deviation[j] = moved;
        const float squared = moved * moved - epsilon;
        moving_variance[j] = squared > 0.0f ? squared : 0.0f;
        own_mean[j] = own_momentum * own_mean[j] + (1.0f - own_momentum) * mean;
        own_deviation[j] = own_momentum * old + (1.0f - own_momentum) * deviation;
    } else {
        gathered[2 * C + j] = 1.0f;
        gathered[3 * C + j] = 0.0f;
        moving_variance[j] = momentum * moving_variance[j] + (1.0f - momentum) * variance;
    }
}

// What moving averages give in the place of what is gathered of a batch. A thread has a channel.
template <int C>
__global__ void batch_normalization_moving(float* gathered, const float* mean, const float* variance, float epsilon) {
    const int j = thread_of_launch();
    if (j >= C) return;
    gathered[j] = mean[j];
    gathered[C + j] = 1.0f / sqrtf(variance[j] + epsilon);
    gathered[2 * C + j] = 1.0f;
    gathered[3 * C + j] = 0.0f;
    if (j == 0) gathered[4 * C] = 0.0f;
}

// y = γ (r (x - μ) / √(σ² + ε) + d) + β; γ and β are null unless GAMMA and BETA. A thread has one of `len` elements.
template <int C, bool GAMMA, bool BETA>
__global__ void batch_normalization_forward(
    float* y, const float* x, const float* gathered, const float* gamma, const float* beta, int len
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int j = i % C;
    const float normal = fmaf((x[i] - gathered[j]) * gathered[C + j], gathered[2 * C + j], gathered[3 * C + j]);
    y[i] = fmaf(GAMMA ? gamma[j] : 1.0f, normal, BETA ? beta[j] : 0.0f);
}

// Of each sample Σ dy and Σ dy x̂, C floats each. Threads share the work as in the statistics.
template <int POSITIONS, int C>
__global__ void __launch_bounds__(WARPS * WARP)
    batch_normalization_sums(float* sums, const float* dy, const float* x, const float* gathered) {
    const int sample = int(blockIdx.x), warp = int(threadIdx.x) / WARP, j = int(blockIdx.y) * WARP + lane();
    const int channel = j < C ? j : 0;
    const size_t first = size_t(sample) * POSITIONS * C + channel;
    const float mean = gathered[channel], rstd = gathered[C + channel];
    float sum = 0.0f, dot = 0.0f;
    for (int p = warp; p < POSITIONS; p += WARPS) {
        const float d = dy[first + size_t(p) * C];
        sum += d;
        dot = fmaf(x[first + size_t(p) * C] - mean, d, dot);
    }
    sum = sum_of_warps(sum);
    dot = sum_of_warps(dot) * rstd;
    if (warp != 0 || j >= C) return;
    sums[size_t(sample) * 2 * C + j] = sum;
    sums[size_t(sample) * 2 * C + C + j] = dot;
}

// dγ = r Σ dy x̂ + d Σ dy if GAMMA, else dβ = Σ dy, given the sums of all samples; or that is added if ACC. A thread has a channel.
template <int C, bool GAMMA, bool ACC>
__global__ void batch_normalization_param(float* dw, const float* totals, const float* gathered) {
    const int j = thread_of_launch();
    if (j >= C) return;
    const float gamma = fmaf(totals[C + j], gathered[2 * C + j], totals[j] * gathered[3 * C + j]);
    put<ACC>(&dw[j], GAMMA ? gamma : totals[j]);
}

// dx = γ r (dy - mean of dy - x̂ · mean of dy x̂) / √(σ² + ε), or dx += that if ACC. The means, of which `totals` are the sums, are over the
// batch; they are left out unless LEARNS, and where `mask` is 0 if MASKED. A thread has one of `len` elements.
template <int POSITIONS, int C, bool LEARNS, bool MASKED, bool GAMMA, bool ACC>
__global__ void batch_normalization_backward(
    float* dx, const float* dy, const float* x, const float* mask, const float* gathered, const float* totals,
    const float* gamma, int len
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int j = i % C;
    const float rstd = gathered[C + j];
    float slope = dy[i];
    if (LEARNS && !(MASKED && mask[i / C] == 0.0f)) {
        const float scale = 1.0f / (gathered[4 * C] * POSITIONS);
        slope = slope - totals[j] * scale - (x[i] - gathered[j]) * rstd * (totals[C + j] * scale);
    }
    put<ACC>(&dx[i], slope * ((GAMMA ? gamma[j] : 1.0f) * gathered[2 * C + j] * rstd));
}
