// What kernels of attention share: sizes, what may be attended to, scores of a tile of queries and keys.
//
// Tiles are as those of matrix products (gemm.cuh): a block of 256 threads has 64 × 64 elements, each thread 4 × 4 of them.
#pragma once

#include "gemm.cuh"
#include "philox.cuh"
#include "reduce.cuh"

// Sizes of one sample, and what may be attended to, as src/attention has them.
template <
    int T, int S, int N, int KV_N, int D, int E, bool IS_ADDITIVE, bool IS_CAUSAL, int OF_WINDOW, bool GIVES_NONE>
struct Heads {
    static constexpr int queries = T, keys = S, heads = N, kv_heads = KV_N, depth = D, width = E;
    // Heads that share keys and values.
    static constexpr int group = N / KV_N;
    static constexpr bool additive = IS_ADDITIVE, causal = IS_CAUSAL, none = GIVES_NONE;
    static constexpr int window = OF_WINDOW;
    // Floats from a query, a key, a value or a result to the next one of its head.
    static constexpr int q_line = N * D, k_line = KV_N * D, v_line = KV_N * E, y_line = N * E;

    // Where query t of a head begins, key s of a head of keys, and so on.
    static __device__ size_t q_at(int sample, int head, int t) { return ((size_t(sample) * T + t) * N + head) * D; }
    static __device__ size_t k_at(int sample, int kv, int s) { return ((size_t(sample) * S + s) * KV_N + kv) * D; }
    static __device__ size_t v_at(int sample, int kv, int s) { return ((size_t(sample) * S + s) * KV_N + kv) * E; }
    static __device__ size_t y_at(int sample, int head, int t) { return ((size_t(sample) * T + t) * N + head) * E; }
    // Which row of weights belongs to query t of a head.
    static __device__ size_t row(int sample, int head, int t) { return (size_t(sample) * N + head) * T + t; }

    // The first key that query t may attend to but for masks, and the one behind the last.
    static __device__ int from_key(int t) { return window > 0 && t + 1 > window ? t + 1 - window : 0; }
    static __device__ int end_key(int t) {
        int end = causal && t + 1 < S ? t + 1 : S;
        return window > 0 && t + window < end ? t + window : end;
    }
    // The same of the queries that may attend to key s.
    static __device__ int from_query(int s) {
        const int from = causal ? s : 0;
        return window > 0 && s + 1 - window > from ? s + 1 - window : from;
    }
    static __device__ int end_query(int s) { return window > 0 && s + window < T ? s + window : T; }
};

__device__ inline int smaller_int(int a, int b) { return a < b ? a : b; }

// Masks of queries, of keys, and of both for all heads alike or for `each`: 0 is what does not count, null is no mask.
struct Masks {
    const float* queries;
    const float* keys;
    const float* pairs;
    int each;

    // Whether query t of a head may attend to key s.
    template <class H>
    __device__ bool may(int sample, int head, int t, int s) const {
        if (s < H::from_key(t) || s >= H::end_key(t)) return false;
        if (keys != nullptr && keys[size_t(sample) * H::keys + s] == 0.0f) return false;
        const size_t row = each ? H::row(sample, head, t) : size_t(sample) * H::queries + t;
        return pairs == nullptr || pairs[row * H::keys + s] != 0.0f;
    }

    // Whether a query may be there that attends to nothing.
    template <class H>
    __device__ bool may_be_empty() const {
        return queries != nullptr || keys != nullptr || pairs != nullptr || (H::window > 0 && H::queries > H::keys);
    }
};

// Factors that are learnt: `many` of the scores, and one of query + key if `inner` is not null.
struct Learnt {
    const float* scores;
    int many;
    const float* inner;

    __device__ float score() const { return many > 0 ? scores[0] : 1.0f; }
    __device__ float of(int feature) const { return many > 1 ? scores[feature] : score(); }
    __device__ float within() const { return inner != nullptr ? *inner : 1.0f; }
};

// What a weight is multiplied with by dropout.
struct Dropped {
    Key key;
    float rate;

    // Weight `s` of a row of `keys` of them.
    __device__ float kept(size_t row, int keys, int s) const {
        const unsigned long long number = (unsigned long long)row * keys + s;
        const Words words = philox_block(key, number / 64 * 16 + number % 16);
        const float u = philox_uniform(words.of[number / 16 % 4]);
        return u >= rate ? 1.0f / (1.0f - rate) : 0.0f;
    }
};

// What the threads of a block share: pieces of two factors, and a tile of weights or of gradients of scores, a row for each step
// of the sum that it is multiplied in.
struct Tiles {
    float a[DEPTH][PITCH];
    float b[DEPTH][PITCH];
    float p[TILE][PITCH];
};

// The row and the column of a thread's first element in a tile.
__device__ inline int own_row() { return int(threadIdx.x) / 16 * 4; }
__device__ inline int own_column() { return int(threadIdx.x) % 16 * 4; }

// What a step of a sum adds: a product. Small steps are written out for all of a piece.
struct Product {
    static constexpr int unroll = DEPTH;

    __device__ float operator()(float sum, float a, float b, int) const { return fmaf(a, b, sum); }
};

// tanh(inner (a + b)) of a feature, times its factor.
struct Tanh {
    static constexpr int unroll = 1;
    Learnt learnt;
    float inner;
    int features;

    __device__ float operator()(float sum, float a, float b, int feature) const {
        return feature < features ? fmaf(learnt.of(feature), tanhf(inner * (a + b)), sum) : sum;
    }
};

// Adds to the thread's elements of a tile their sums over `depth` steps. Rows of the tile are lines of A from i0 up to `rows`,
// columns those of B from j0 up to `columns`.
template <Lies A, Lies B, class Step>
__device__ inline void add_tile(
    float (&sums)[4][4], Tiles& tiles, const float* a, int a_line, int i0, int rows, const float* b, int b_line, int j0,
    int columns, int depth, Step step
) {
    const int ti = own_row(), tj = own_column();
    Piece<A> a_piece;
    Piece<B> b_piece;
    a_piece.read(Lines{a, a_line}, i0, rows, 0, depth);
    b_piece.read(Lines{b, b_line}, j0, columns, 0, depth);
    for (int p0 = 0; p0 < depth; p0 += DEPTH) {
        a_piece.write(tiles.a);
        b_piece.write(tiles.b);
        __syncthreads();
        if (p0 + DEPTH < depth) {
            a_piece.read(Lines{a, a_line}, i0, rows, p0 + DEPTH, depth);
            b_piece.read(Lines{b, b_line}, j0, columns, p0 + DEPTH, depth);
        }
#pragma unroll Step::unroll
        for (int p = 0; p < DEPTH; ++p) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    sums[i][j] = step(sums[i][j], tiles.a[p][ti + i], tiles.b[p][tj + j], p0 + p);
                }
            }
        }
        __syncthreads();
    }
}

// The same where A is `tiles.p`, and B has a line for each of the steps from p0 up to `end`, of which there are no more than 64;
// of each line columns from j0 up to `columns`. Beyond the end `tiles.p` has 0. `step(i, j, a, b)` does what is to be done.
template <int UNROLL, class Step>
__device__ inline void add_weighted(
    Tiles& tiles, const float* b, int b_line, int p0, int end, int j0, int columns, Step step
) {
    const int ti = own_row(), tj = own_column();
    const int depth = smaller_int(end - p0, TILE);
    b += size_t(p0) * b_line;
    Piece<ALONG_TILE> piece;
    piece.read(Lines{b, b_line}, j0, columns, 0, depth);
    for (int from = 0; from < depth; from += DEPTH) {
        piece.write(tiles.b);
        // Now `tiles.p` is there too.
        __syncthreads();
        if (from + DEPTH < depth) piece.read(Lines{b, b_line}, j0, columns, from + DEPTH, depth);
#pragma unroll UNROLL
        for (int p = 0; p < DEPTH; ++p) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
#pragma unroll
                for (int j = 0; j < 4; ++j) step(i, j, tiles.p[from + p][ti + i], tiles.b[p][tj + j]);
            }
        }
        __syncthreads();
    }
}

// The scores of queries, or keys, from i0 on with keys, or queries, from j0 on, but for the factor of those that are products.
template <class H>
__device__ inline void add_scores(
    float (&sums)[4][4], Tiles& tiles, const float* a, int a_line, int i0, int rows, const float* b, int b_line, int j0,
    int columns, Learnt learnt
) {
    if constexpr (H::additive) {
        const Tanh step{learnt, learnt.within(), H::depth};
        add_tile<ALONG_SUM, ALONG_SUM>(sums, tiles, a, a_line, i0, rows, b, b_line, j0, columns, H::depth, step);
    } else {
        add_tile<ALONG_SUM, ALONG_SUM>(sums, tiles, a, a_line, i0, rows, b, b_line, j0, columns, H::depth, Product{});
    }
}

// The sum and the largest number of the 16 threads that have the same rows of a tile, in each of them.
__device__ inline float row_sum(float x) {
    for (int distance = 8; distance > 0; distance /= 2) x += __shfl_xor_sync(ALL_LANES, x, distance);
    return x;
}
__device__ inline float row_max(float x) {
    for (int distance = 8; distance > 0; distance /= 2) x = larger(x, __shfl_xor_sync(ALL_LANES, x, distance));
    return x;
}

// Which of the queries from `first` on may attend to nothing, for the thread's four rows; and the keys that a tile of them has to
// do with, from `begin` up to `end`.
struct Reach {
    bool empty[4];
    int begin, end;
};

template <class H>
__device__ inline Reach reach_of(Masks masks, int sample, int head, int first) {
    __shared__ int is_empty[TILE];
    const int row = int(threadIdx.x) / 4, t = first + row;
    int any = 0;
    if (t < H::queries && !(masks.queries != nullptr && masks.queries[size_t(sample) * H::queries + t] == 0.0f)) {
        const int end = H::end_key(t);
        for (int s = H::from_key(t) + int(threadIdx.x) % 4; s < end && !any; s += 4) {
            any = masks.may<H>(sample, head, t, s);
        }
    }
    any |= __shfl_xor_sync(ALL_LANES, any, 1);
    any |= __shfl_xor_sync(ALL_LANES, any, 2);
    if (threadIdx.x % 4 == 0) is_empty[row] = t < H::queries && !any;
    __syncthreads();
    Reach reach;
#pragma unroll
    for (int i = 0; i < 4; ++i) reach.empty[i] = is_empty[own_row() + i];
    bool some = false;
    for (int i = 0; i < TILE; ++i) some |= is_empty[i] != 0;
    const int last = smaller_int(first + TILE, H::queries) - 1;
    const bool whole = some && !H::none;
    reach.begin = whole ? 0 : smaller_int(H::from_key(first), H::keys);
    reach.end = whole ? H::keys : H::end_key(last);
    __syncthreads();
    return reach;
}
