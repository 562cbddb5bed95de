// The weights of attention by themselves, a row of keys for each query of each head, and the mean of values by them:
// src/attention. attention.cu has the backward pass of the weights.
#include "attention.cuh"

// The weights, and the logarithms of the sums as attention_forward keeps them. The grid has a block for each tile of queries of
// each head: it writes the scores, and once it knows a row's sum the weights in their place.
template <class H>
__global__ void __launch_bounds__(GEMM_THREADS) attention_weights(
    float* p, float* logs, const float* __restrict__ q, const float* __restrict__ k, const float* m_queries,
    const float* m_keys, const float* m_pairs, int each, const float* scores, int many, const float* inner, float scale
) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::queries + TILE - 1) / TILE;
    const int sample = int(blockIdx.x) / parts / H::heads, head = int(blockIdx.x) / parts % H::heads;
    const int first = int(blockIdx.x) % parts * TILE, ti = own_row(), tj = own_column();
    const Masks masks{m_queries, m_keys, m_pairs, each};
    const Learnt learnt{scores, many, inner};
    const float factor = H::additive ? 1.0f : scale * learnt.score();
    const Reach reach = reach_of<H>(masks, sample, head, first);
    q += H::q_at(sample, head, 0);
    k += H::k_at(sample, head / H::group, 0);
    p += H::row(sample, head, first) * H::keys;
    float most[4], sum[4] = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) most[i] = -infinity();
    for (int s0 = reach.begin; s0 < reach.end; s0 += TILE) {
        float x[4][4] = {};
        add_scores<H>(x, tiles, q, H::q_line, first, H::queries, k, H::k_line, s0, reach.end, learnt);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int t = first + ti + i;
            float top = most[i], of_tile = 0.0f;
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                const int s = s0 + tj + j;
                const bool there = t < H::queries && s < reach.end;
                const bool may = there && (reach.empty[i] ? !H::none : masks.may<H>(sample, head, t, s));
                x[i][j] = !may ? -infinity() : reach.empty[i] ? 0.0f : x[i][j] * factor;
                if (there) p[size_t(ti + i) * H::keys + s] = x[i][j];
                top = larger(top, x[i][j]);
            }
            top = row_max(top);
            const bool nothing = top == -infinity();
#pragma unroll
            for (int j = 0; j < 4; ++j) of_tile += nothing ? 0.0f : expf(x[i][j] - top);
            sum[i] = (nothing ? 0.0f : sum[i] * expf(most[i] - top)) + row_sum(of_tile);
            most[i] = top;
        }
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const int t = first + ti + i;
        if (t >= H::queries) continue;
        float* const row = p + size_t(ti + i) * H::keys;
        // The same elements as above, so that each thread finds what it has written itself.
        for (int s0 = reach.begin; s0 < reach.end; s0 += TILE) {
            for (int s = s0 + tj; s < s0 + tj + 4 && s < reach.end; ++s) {
                row[s] = sum[i] == 0.0f ? 0.0f : expf(row[s] - most[i]) / sum[i];
            }
        }
        for (int s = tj / 4; s < reach.begin; s += 16) row[s] = 0.0f;
        for (int s = reach.end + tj / 4; s < H::keys; s += 16) row[s] = 0.0f;
        if (tj == 0) logs[H::row(sample, head, t)] = reach.empty[i] ? infinity() : most[i] + logf(sum[i]);
    }
}

// What writes the elements of a tile that lie within `rows` by `columns`.
template <class Take>
__device__ inline void take_tile(const float (&sums)[4][4], int i0, int rows, int j0, int columns, Take take) {
    for (int i = i0 + own_row(); i < i0 + own_row() + 4 && i < rows; ++i) {
        for (int j = j0 + own_column(); j < j0 + own_column() + 4 && j < columns; ++j) {
            take(i, j, sums[i - i0 - own_row()][j - j0 - own_column()]);
        }
    }
}

// y = p · v of each head. The grid has a block for each tile of queries of each head, and in y for each 64 features.
template <class H>
__global__ void __launch_bounds__(GEMM_THREADS)
    attention_mix(float* y, const float* __restrict__ p, const float* __restrict__ v) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::queries + TILE - 1) / TILE;
    const int sample = int(blockIdx.x) / parts / H::heads, head = int(blockIdx.x) / parts % H::heads;
    const int first = int(blockIdx.x) % parts * TILE, feature = int(blockIdx.y) * TILE;
    float sums[4][4] = {};
    p += H::row(sample, head, 0) * H::keys;
    v += H::v_at(sample, head / H::group, 0);
    add_tile<ALONG_SUM, ALONG_TILE>(
        sums, tiles, p, H::keys, first, H::queries, v, H::v_line, feature, H::width, H::keys, Product{}
    );
    y += H::y_at(sample, head, 0);
    take_tile(sums, first, H::queries, feature, H::width, [=](int t, int e, float sum) {
        y[size_t(t) * H::y_line + e] = sum;
    });
}

// dp = dy · vᵀ of each head, or dp += that if ACC. The grid has a block for each tile of queries of each head, and in y for each
// tile of keys.
template <class H, bool ACC>
__global__ void __launch_bounds__(GEMM_THREADS)
    attention_mix_weights(float* dp, const float* __restrict__ dy, const float* __restrict__ v) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::queries + TILE - 1) / TILE;
    const int sample = int(blockIdx.x) / parts / H::heads, head = int(blockIdx.x) / parts % H::heads;
    const int first = int(blockIdx.x) % parts * TILE, first_key = int(blockIdx.y) * TILE;
    float sums[4][4] = {};
    dy += H::y_at(sample, head, 0);
    v += H::v_at(sample, head / H::group, 0);
    add_tile<ALONG_SUM, ALONG_SUM>(
        sums, tiles, dy, H::y_line, first, H::queries, v, H::v_line, first_key, H::keys, H::width, Product{}
    );
    dp += H::row(sample, head, 0) * H::keys;
    take_tile(sums, first, H::queries, first_key, H::keys, [=](int t, int s, float sum) {
        put<ACC>(&dp[size_t(t) * H::keys + s], sum);
    });
}

// dv = pᵀ · dy of each head, those that share values added, or dv += that if ACC. The grid has a block for each tile of keys of each
// head of values, and in y for each 64 features.
template <class H, bool ACC>
__global__ void __launch_bounds__(GEMM_THREADS)
    attention_mix_values(float* dv, const float* __restrict__ dy, const float* __restrict__ p) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::keys + TILE - 1) / TILE;
    const int sample = int(blockIdx.x) / parts / H::kv_heads, kv = int(blockIdx.x) / parts % H::kv_heads;
    const int first = int(blockIdx.x) % parts * TILE, feature = int(blockIdx.y) * TILE;
    float sums[4][4] = {};
    for (int head = kv * H::group; head < (kv + 1) * H::group; ++head) {
        add_tile<ALONG_TILE, ALONG_TILE>(
            sums, tiles, p + H::row(sample, head, 0) * H::keys, H::keys, first, H::keys, dy + H::y_at(sample, head, 0),
            H::y_line, feature, H::width, H::queries, Product{}
        );
    }
    dv += H::v_at(sample, kv, 0);
    take_tile(sums, first, H::keys, feature, H::width, [=](int s, int e, float sum) {
        put<ACC>(&dv[size_t(s) * H::v_line + e], sum);
    });
}
