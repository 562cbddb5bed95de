// The gradients of attention, which computes the weights anew from their scores, or is given them: attention.cu says how the work is
// shared, and what the forward pass has kept.
#include "attention.cuh"

// d = Σ a b in rows of N, for m rows. A warp has a row.
template <int N>
__global__ void attention_dots(float* d, const float* a, const float* b, int m) {
    const int row = thread_of_launch() / WARP;
    if (row >= m) return;
    const float sum = dot_of_row<N>(a + size_t(row) * N, b + size_t(row) * N);
    if (lane() == 0) d[row] = sum;
}

// Where a backward pass has the weights and their gradients from.
template <class H, bool DROP, bool GIVEN>
struct Weights {
    const float *v, *dy, *logs, *dots;
    Masks masks;
    Dropped dropped;
    float factor;

    // The sum of weights times their gradients, of query t.
    __device__ float dot(int sample, int head, int t) const {
        const size_t row = GIVEN ? H::row(sample, head, t) : (size_t(sample) * H::queries + t) * H::heads + head;
        return dots[row];
    }

    // From a score, a weight as it is before dropout; and what dropout makes of it.
    __device__ float weight(float score, float log, int sample, int head, int t, int s) const {
        if (log == infinity()) return H::none ? 0.0f : 1.0f / H::keys;
        return masks.may<H>(sample, head, t, s) ? expf(score * factor - log) : 0.0f;
    }
    __device__ float kept(int sample, int head, int t, int s) const {
        if constexpr (DROP) return dropped.kept(H::row(sample, head, t), H::keys, s);
        return 1.0f;
    }
};

// What a thread adds up of the gradients of factors.
struct OfFactors {
    float scores[4], inner;
};

// From the gradients of scores in `tiles.p`, those of the thread's elements of queries or keys, `x`: of scores that are products
// Σ ds other, of others Σ ds (1 - tanh²), and then those of the factors too.
template <class H>
__device__ inline void pull(
    float (&sums)[4][4], OfFactors& of, Tiles& tiles, const float (&x)[4][4], const float* other, int line, int p0,
    int end, int feature, Learnt learnt
) {
    if constexpr (H::additive) {
        const float inner = learnt.within();
        float factors[4];
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int i = feature + own_column() + j;
            factors[j] = i < H::depth ? learnt.of(i) : 0.0f;
        }
        add_weighted<1>(tiles, other, line, p0, end, feature, H::depth, [&](int i, int j, float ds, float b) {
            const float tanh = tanhf(inner * (x[i][j] + b)), slope = ds * (1.0f - tanh * tanh);
            sums[i][j] += slope;
            of.scores[j] = fmaf(ds, tanh, of.scores[j]);
            of.inner = fmaf(slope * factors[j], x[i][j] + b, of.inner);
        });
    } else {
        add_weighted<DEPTH>(tiles, other, line, p0, end, feature, H::depth, [&](int i, int j, float ds, float b) {
            sums[i][j] = fmaf(ds, b, sums[i][j]);
        });
    }
}

// The thread's elements of a matrix whose rows are `line` apart; 0 beyond it.
__device__ inline void read_own(
    float (&x)[4][4], const float* from, int line, int row, int rows, int column, int columns
) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int r = row + own_row() + i, c = column + own_column() + j;
            x[i][j] = r < rows && c < columns ? from[size_t(r) * line + c] : 0.0f;
        }
    }
}

// Writes the thread's elements, each times `of(j)`, or adds them.
template <class Of>
__device__ inline void write_own(
    float* to, const float (&x)[4][4], int line, int row, int rows, int column, int columns, int acc, Of of
) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int r = row + own_row() + i, c = column + own_column() + j;
            if (r >= rows || c >= columns) continue;
            float* const at = &to[size_t(r) * line + c];
            *at = acc ? *at + x[i][j] * of(j) : x[i][j] * of(j);
        }
    }
}

// The gradients of queries, dq or dq += if `acc`, and those of learnt factors in each sample, unless they are null. The weights
// come from the scores, or are GIVEN with their gradients as `v` and `dy`. A tile of 64 queries of a head and 64 of its features
// is a block's work, or all of a sample's tiles where factors are learnt: `blocks` is how many blocks a sample has.
template <class H, bool DROP, bool GIVEN>
__global__ void __launch_bounds__(GEMM_THREADS, 2) attention_queries(
    float* dq, float* dscores, float* dinner, const float* __restrict__ dy, const float* logs, const float* dots,
    const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v, const float* m_queries,
    const float* m_keys, const float* m_pairs, int each, const float* scores, int many, const float* inner, float scale,
    int blocks, int acc, float rate, unsigned int seed_low, unsigned int seed_high, unsigned int stream,
    const unsigned int* step
) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::queries + TILE - 1) / TILE, features = (H::depth + TILE - 1) / TILE;
    const Masks masks{m_queries, m_keys, m_pairs, each};
    const Learnt learnt{scores, many, inner};
    const Dropped dropped{{{seed_low, seed_high}, {DROP ? step[0] : 0, DROP ? step[1] : 0}, stream}, rate};
    const Weights<H, DROP, GIVEN> weights{v, dy, logs, dots, masks, dropped, H::additive ? 1.0f : scale * learnt.score()};
    const int sample = int(blockIdx.x) / blocks, ti = own_row(), tj = own_column();
    double of_score = 0.0, of_inner = 0.0;
    for (int work = int(blockIdx.x) % blocks; work < parts * features * H::heads; work += blocks) {
        const int feature = work / parts / H::heads * TILE, head = work / parts % H::heads, first = work % parts * TILE;
        const int kv = head / H::group, last = smaller_int(first + TILE, H::queries) - 1;
        const float* const own_q = q + H::q_at(sample, head, 0);
        const float* const own_k = k + H::k_at(sample, kv, 0);
        float log[4], dot[4], x[4][4], sums[4][4] = {};
        OfFactors of = {};
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int t = smaller_int(first + ti + i, last);
            log[i] = logs[H::row(sample, head, t)];
            dot[i] = weights.dot(sample, head, t);
        }
        read_own(x, own_q, H::q_line, first, H::queries, feature, H::depth);
        const int end = H::end_key(last);
        for (int s0 = smaller_int(H::from_key(first), end); s0 < end; s0 += TILE) {
            float ds[4][4] = {};
            if constexpr (!GIVEN) {
                float p[4][4] = {};
                add_scores<H>(p, tiles, own_q, H::q_line, first, H::queries, own_k, H::k_line, s0, end, learnt);
                const float* const own_dy = dy + H::y_at(sample, head, 0);
                const float* const own_v = v + H::v_at(sample, kv, 0);
                add_tile<ALONG_SUM, ALONG_SUM>(
                    ds, tiles, own_dy, H::y_line, first, H::queries, own_v, H::v_line, s0, end, H::width, Product{}
                );
#pragma unroll
                for (int i = 0; i < 4; ++i) {
#pragma unroll
                    for (int j = 0; j < 4; ++j) {
                        const int t = first + ti + i, s = s0 + tj + j;
                        if (t > last || s >= end) continue;
                        const float kept = weights.kept(sample, head, t, s);
                        const float weight = weights.weight(p[i][j], log[i], sample, head, t, s);
                        ds[i][j] = weight * (ds[i][j] * kept - dot[i]);
                    }
                }
            } else {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
#pragma unroll
                    for (int j = 0; j < 4; ++j) {
                        const int t = first + ti + i, s = s0 + tj + j;
                        if (t > last || s >= end) continue;
                        const size_t at = H::row(sample, head, t) * H::keys + s;
                        ds[i][j] = v[at] * (dy[at] - dot[i]);
                    }
                }
            }
#pragma unroll
            for (int i = 0; i < 4; ++i) {
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    const bool counts = first + ti + i <= last && s0 + tj + j < end && log[i] != infinity();
                    tiles.p[tj + j][ti + i] = counts ? ds[i][j] : 0.0f;
                }
            }
            pull<H>(sums, of, tiles, x, own_k, H::k_line, s0, end, feature, learnt);
        }
        float* const own_dq = dq + H::q_at(sample, head, 0);
        write_own(own_dq, sums, H::q_line, first, H::queries, feature, H::depth, acc, [&](int j) {
            const int i = smaller_int(feature + tj + j, H::depth - 1);
            return H::additive ? learnt.of(i) * learnt.within() : weights.factor;
        });
        if constexpr (!H::additive) {
            float sum = 0.0f;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
#pragma unroll
                for (int j = 0; j < 4; ++j) sum = fmaf(x[i][j], sums[i][j], sum);
            }
            of_score += sum * scale;
        } else {
            of_inner += of.inner;
            if (many <= 1) {
#pragma unroll
                for (int j = 0; j < 4; ++j) of_score += of.scores[j];
            } else if (dscores != nullptr) {
                // A row of sums for each 16 threads with the same rows; a thread adds up a feature's. The tile's first work for
                // these features begins the sum.
#pragma unroll
                for (int j = 0; j < 4; ++j) tiles.p[ti / 4][tj + j] = of.scores[j];
                __syncthreads();
                const int i = feature + int(threadIdx.x);
                if (threadIdx.x < TILE && i < H::depth) {
                    float sum = 0.0f;
                    for (int row = 0; row < 16; ++row) sum += tiles.p[row][threadIdx.x];
                    float* const at = &dscores[size_t(sample) * many + i];
                    *at = head == 0 && first == 0 ? sum : *at + sum;
                }
                __syncthreads();
            }
        }
    }
    if (dscores != nullptr && many == 1) {
        of_score = block_sum(of_score);
        if (threadIdx.x == 0) dscores[sample] = float(of_score);
    }
    if (dinner != nullptr) {
        of_inner = block_sum(of_inner);
        if (threadIdx.x == 0) dinner[sample] = float(of_inner);
    }
}

// The gradients of keys and values, or those added if `acc_k` and `acc_v`; null if they are not wanted. The weights come from the
// scores, or are GIVEN as above. The grid has a block for each tile of keys of each head of keys, and in y for each 64 features;
// it goes through the queries of all heads that share the keys.
template <class H, bool DROP, bool GIVEN>
__global__ void __launch_bounds__(GEMM_THREADS, 2) attention_keys(
    float* dk, float* dv, const float* __restrict__ dy, const float* logs, const float* dots, const float* __restrict__ q,
    const float* __restrict__ k, const float* __restrict__ v, const float* m_queries, const float* m_keys,
    const float* m_pairs, int each, const float* scores, int many, const float* inner, float scale, int acc_k, int acc_v,
    float rate, unsigned int seed_low, unsigned int seed_high, unsigned int stream, const unsigned int* step
) {
    Tiles& tiles = shared<Tiles>();
    constexpr int parts = (H::keys + TILE - 1) / TILE;
    const Masks masks{m_queries, m_keys, m_pairs, each};
    const Learnt learnt{scores, many, inner};
    const Dropped dropped{{{seed_low, seed_high}, {DROP ? step[0] : 0, DROP ? step[1] : 0}, stream}, rate};
    const Weights<H, DROP, GIVEN> weights{v, dy, logs, dots, masks, dropped, H::additive ? 1.0f : scale * learnt.score()};
    const int sample = int(blockIdx.x) / parts / H::kv_heads, kv = int(blockIdx.x) / parts % H::kv_heads;
    const int first = int(blockIdx.x) % parts * TILE, last = smaller_int(first + TILE, H::keys) - 1;
    const int feature = int(blockIdx.y) * TILE, ti = own_row(), tj = own_column();
    const bool of_keys = dk != nullptr && feature < H::depth, of_values = !GIVEN && dv != nullptr && feature < H::width;
    const float* const own_k = k + H::k_at(sample, kv, 0);
    const int from = H::from_query(first), end = H::end_query(last);
    const bool all = !GIVEN && !H::none && masks.may_be_empty<H>();
    float x[4][4], k_sums[4][4] = {}, v_sums[4][4] = {};
    OfFactors of = {};
    read_own(x, own_k, H::k_line, first, H::keys, feature, H::depth);
    for (int head = kv * H::group; head < (kv + 1) * H::group; ++head) {
        const float* const own_q = q + H::q_at(sample, head, 0);
        for (int t0 = all ? 0 : from; t0 < (all ? H::queries : end); t0 += TILE) {
            const int t_end = smaller_int(t0 + TILE, H::queries);
            if (all && (t_end <= from || t0 >= end)) {
                // Those that may attend to nothing attend to all.
                bool some = false;
                for (int t = t0; t < t_end; ++t) some |= logs[H::row(sample, head, t)] == infinity();
                if (!some) continue;
            }
            float p[4][4] = {}, ds[4][4] = {}, log[4], dot[4];
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                const int t = smaller_int(t0 + tj + j, t_end - 1);
                log[j] = logs[H::row(sample, head, t)];
                dot[j] = weights.dot(sample, head, t);
            }
            const float* const own_dy = GIVEN ? dy : dy + H::y_at(sample, head, 0);
            if constexpr (!GIVEN) {
                add_scores<H>(p, tiles, own_k, H::k_line, first, H::keys, own_q, H::q_line, t0, t_end, learnt);
                const float* const own_v = v + H::v_at(sample, kv, 0);
                if (of_keys) {
                    add_tile<ALONG_SUM, ALONG_SUM>(
                        ds, tiles, own_v, H::v_line, first, H::keys, own_dy, H::y_line, t0, t_end, H::width, Product{}
                    );
                }
            }
#pragma unroll
            for (int i = 0; i < 4; ++i) {
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    const int t = t0 + tj + j, s = first + ti + i;
                    const bool there = t < t_end && s <= last, counts = there && log[j] != infinity();
                    if constexpr (GIVEN) {
                        const size_t at = H::row(sample, head, t) * H::keys + s;
                        ds[i][j] = counts ? v[at] * (dy[at] - dot[j]) : 0.0f;
                    } else {
                        const float weight = there ? weights.weight(p[i][j], log[j], sample, head, t, s) : 0.0f;
                        const float kept = there ? weights.kept(sample, head, t, s) : 0.0f;
                        p[i][j] = weight * kept;
                        ds[i][j] = counts ? weight * (ds[i][j] * kept - dot[j]) : 0.0f;
                    }
                }
            }
            if (of_values) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
#pragma unroll
                    for (int j = 0; j < 4; ++j) tiles.p[tj + j][ti + i] = p[i][j];
                }
                add_weighted<DEPTH>(tiles, own_dy, H::y_line, t0, t_end, feature, H::width, [&](int i, int j, float weight, float b) {
                    v_sums[i][j] = fmaf(weight, b, v_sums[i][j]);
                });
            }
            if (of_keys) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
#pragma unroll
                    for (int j = 0; j < 4; ++j) tiles.p[tj + j][ti + i] = ds[i][j];
                }
                pull<H>(k_sums, of, tiles, x, own_q, H::q_line, t0, t_end, feature, learnt);
            }
        }
    }
    if (of_keys) {
        float* const own_dk = dk + H::k_at(sample, kv, 0);
        write_own(own_dk, k_sums, H::k_line, first, H::keys, feature, H::depth, acc_k, [&](int j) {
            const int i = smaller_int(feature + tj + j, H::depth - 1);
            return H::additive ? learnt.of(i) * learnt.within() : weights.factor;
        });
    }
    // By the same threads, if keys and values are the same.
    if (of_values) {
        float* const own_dv = dv + H::v_at(sample, kv, 0);
        write_own(own_dv, v_sums, H::v_line, first, H::keys, feature, H::width, acc_v, [](int) { return 1.0f; });
    }
}
