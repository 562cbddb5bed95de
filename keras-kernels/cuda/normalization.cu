// Normalization of groups of features within a sample: src/normalization. A sample has POSITIONS of GROUPS groups of DEPTH features; all
// positions belong to each group. What is kept of a group are two floats: its mean (0 unless CENTERED) and 1 / √(σ² + ε).
//
// A team of threads has a group of a sample: a warp, or a block where groups are large.
#include "reduce.cuh"

// Element `i` of a group, of so many before it in the sample.
template <int GROUPS, int DEPTH>
__device__ inline size_t in_group(int group, int i) {
    return (size_t(i / DEPTH) * GROUPS + group) * DEPTH + i % DEPTH;
}

// y = γ (x - μ) / √(σ² + ε) + β, for so many teams; γ and β are null unless GAMMA and BETA.
template <int TEAM, int POSITIONS, int GROUPS, int DEPTH, bool CENTERED, bool GAMMA, bool BETA>
__global__ void normalization_forward(
    float* y, float* stats, const float* x, const float* gamma, const float* beta, int teams, float epsilon
) {
    constexpr int LEN = POSITIONS * DEPTH;
    const int team = thread_of_launch() / TEAM, own = int(threadIdx.x) % TEAM;
    if (team >= teams) return;
    const int group = team % GROUPS;
    const size_t sample = size_t(team / GROUPS) * GROUPS * LEN;
    x += sample;
    y += sample;
    float mean = 0.0f;
    if constexpr (CENTERED) {
        for (int i = own; i < LEN; i += TEAM) mean += x[in_group<GROUPS, DEPTH>(group, i)];
        mean = team_sum<TEAM>(mean) * (1.0f / LEN);
    }
    float square = 0.0f;
    for (int i = own; i < LEN; i += TEAM) {
        const float d = x[in_group<GROUPS, DEPTH>(group, i)] - mean;
        square = fmaf(d, d, square);
    }
    square = team_sum<TEAM>(square) * (1.0f / LEN);
    const float rstd = 1.0f / sqrtf(square + epsilon);
    if (own == 0) {
        stats[2 * size_t(team)] = mean;
        stats[2 * size_t(team) + 1] = rstd;
    }
    for (int i = own; i < LEN; i += TEAM) {
        const size_t at = in_group<GROUPS, DEPTH>(group, i);
        const int feature = group * DEPTH + i % DEPTH;
        const float normal = (x[at] - mean) * rstd;
        y[at] = fmaf(GAMMA ? gamma[feature] : 1.0f, normal, BETA ? beta[feature] : 0.0f);
    }
}

// dx = (g - mean of g - x̂ · mean of g x̂) / √(σ² + ε) with g = γ dy, the means over the group, without that of g unless CENTERED; or
// dx += that if ACC.
template <int TEAM, int POSITIONS, int GROUPS, int DEPTH, bool CENTERED, bool GAMMA, bool ACC>
__global__ void normalization_backward(
    float* dx, const float* dy, const float* x, const float* gamma, const float* stats, int teams
) {
    constexpr int LEN = POSITIONS * DEPTH;
    const int team = thread_of_launch() / TEAM, own = int(threadIdx.x) % TEAM;
    if (team >= teams) return;
    const int group = team % GROUPS;
    const size_t sample = size_t(team / GROUPS) * GROUPS * LEN;
    x += sample;
    dy += sample;
    dx += sample;
    const float mean = stats[2 * size_t(team)], rstd = stats[2 * size_t(team) + 1];
    float sum = 0.0f, dot = 0.0f;
    for (int i = own; i < LEN; i += TEAM) {
        const size_t at = in_group<GROUPS, DEPTH>(group, i);
        const float slope = (GAMMA ? gamma[group * DEPTH + i % DEPTH] : 1.0f) * dy[at];
        sum += slope;
        dot = fmaf(slope, (x[at] - mean) * rstd, dot);
    }
    sum = CENTERED ? team_sum<TEAM>(sum) * (1.0f / LEN) : 0.0f;
    dot = team_sum<TEAM>(dot) * (1.0f / LEN);
    for (int i = own; i < LEN; i += TEAM) {
        const size_t at = in_group<GROUPS, DEPTH>(group, i);
        const float slope = (GAMMA ? gamma[group * DEPTH + i % DEPTH] : 1.0f) * dy[at];
        put<ACC>(&dx[at], (slope - sum - (x[at] - mean) * rstd * dot) * rstd);
    }
}

// dgamma = Σ dy x̂ over `rows` positions of all samples, or dgamma += that if ACC. A block of 256 threads has 32 features, as in
// bias_backward; the grid's y is for parts of the sum: `share` rows, which go to a dgamma of their own.
template <int POSITIONS, int GROUPS, int DEPTH, bool ACC>
__global__ void __launch_bounds__(256) normalization_gamma(
    float* dgamma, const float* x, const float* dy, const float* stats, int rows, int share
) {
    constexpr int C = GROUPS * DEPTH;
    const int warp = int(threadIdx.x) / WARP, j = int(blockIdx.x) * WARP + lane(), part = int(blockIdx.y);
    const int from = part * share, to = rows - from < share ? rows : from + share;
    float sum = 0.0f;
    if (j < C) {
        for (int i = from + warp; i < to; i += WARPS) {
            const float* const of = stats + 2 * (size_t(i / POSITIONS) * GROUPS + j / DEPTH);
            const size_t at = size_t(i) * C + j;
            sum = fmaf(dy[at], (x[at] - of[0]) * of[1], sum);
        }
    }
    sum = sum_of_warps(sum);
    if (warp == 0 && j < C) put<ACC>(&dgamma[size_t(part) * C + j], sum);
}
