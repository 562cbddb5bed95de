// Attention: src/attention. Weights of all queries are never in memory at once: a block goes through keys, or queries, in tiles
// of 64, and computes their scores anew wherever they are needed. More than 64 features of a result are the work of several
// blocks, each of which computes the scores for itself.
//
// The forward pass keeps the logarithm of each row's sum of powers, from which a weight is exp(score - it); it is infinite for a
// query that may attend to nothing.
#include "attention.cuh"

// y, a row of all heads for each query, and the logarithms of the sums, a row of queries for each head. The grid has a block for
// each tile of queries of each head, and in y for each 64 features. The row's largest score so far scales what has been added up.
template <class H, bool DROP>
__global__ void __launch_bounds__(GEMM_THREADS, 2) attention_forward(
    float* y, float* logs, const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
    const float* m_queries, const float* m_keys, const float* m_pairs, int each, const float* scores, int many,
    const float* inner, float scale, float rate, unsigned int seed_low, unsigned int seed_high, unsigned int stream,
    const unsigned int* step
) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::queries + TILE - 1) / TILE;
    const int sample = int(blockIdx.x) / parts / H::heads, head = int(blockIdx.x) / parts % H::heads;
    const int first = int(blockIdx.x) % parts * TILE, feature = int(blockIdx.y) * TILE, kv = head / H::group;
    const Masks masks{m_queries, m_keys, m_pairs, each};
    const Learnt learnt{scores, many, inner};
    const float factor = H::additive ? 1.0f : scale * learnt.score();
    const Reach reach = reach_of<H>(masks, sample, head, first);
    const int ti = own_row(), tj = own_column();
    q += H::q_at(sample, head, 0);
    k += H::k_at(sample, kv, 0);
    v += H::v_at(sample, kv, 0);
    float most[4], sum[4] = {}, mean[4][4] = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) most[i] = -infinity();
    for (int s0 = reach.begin; s0 < reach.end; s0 += TILE) {
        float p[4][4] = {};
        add_scores<H>(p, tiles, q, H::q_line, first, H::queries, k, H::k_line, s0, reach.end, learnt);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int t = first + ti + i;
            float top = most[i];
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                const int s = s0 + tj + j;
                bool may = t < H::queries && s < reach.end;
                if (reach.empty[i]) {
                    may &= !H::none;
                    p[i][j] = 0.0f;
                } else {
                    may = may && masks.may<H>(sample, head, t, s);
                }
                p[i][j] = may ? p[i][j] * factor : -infinity();
                top = larger(top, p[i][j]);
            }
            top = row_max(top);
            const bool nothing = top == -infinity();
            const float less = nothing ? 1.0f : expf(most[i] - top);
            float of_tile = 0.0f;
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                p[i][j] = nothing ? 0.0f : expf(p[i][j] - top);
                of_tile += p[i][j];
                mean[i][j] *= less;
            }
            sum[i] = sum[i] * less + row_sum(of_tile);
            most[i] = top;
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                if constexpr (DROP) {
                    const Dropped dropped{{{seed_low, seed_high}, {step[0], step[1]}, stream}, rate};
                    p[i][j] *= dropped.kept(H::row(sample, head, t), H::keys, s0 + tj + j);
                }
                tiles.p[tj + j][ti + i] = p[i][j];
            }
        }
        add_weighted<DEPTH>(tiles, v, H::v_line, s0, reach.end, feature, H::width, [&](int i, int j, float weight, float value) {
            mean[i][j] = fmaf(weight, value, mean[i][j]);
        });
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const int t = first + ti + i;
        if (t >= H::queries) continue;
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int e = feature + tj + j;
            if (e < H::width) y[H::y_at(sample, head, t) + e] = sum[i] == 0.0f ? 0.0f : mean[i][j] / sum[i];
        }
        if (tj == 0 && feature == 0) {
            logs[H::row(sample, head, t)] = reach.empty[i] ? infinity() : most[i] + logf(sum[i]);
        }
    }
}
