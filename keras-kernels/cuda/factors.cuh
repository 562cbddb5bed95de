// Factors of matrix products: how they lie in memory, and how a thread reads four neighbours of one.
#pragma once

// Threads of a block that computes a tile of a product.
constexpr int GEMM_THREADS = 256;

// Neighbours that a thread reads at once: a float4.
constexpr int BRINGS = 4;

// How a factor lies in memory: whether its neighbours there are neighbours along the tile or along the sum.
enum Lies { ALONG_TILE, ALONG_SUM };

// Whether four floats can be read at once there, and at each multiple of four behind it.
__device__ inline bool is_of_fours(const float* from) { return size_t(from) % sizeof(float4) == 0; }

// Four floats at once.
__device__ inline void read_four(const float* from, float (&to)[BRINGS]) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    to[0] = four.x;
    to[1] = four.y;
    to[2] = four.z;
    to[3] = four.w;
}

// A factor that is a matrix in lines of LINE floats. What else can be a factor has the same three functions: `at` gives an element,
// `four` four neighbours of a row, the first column a multiple of four, if `has_fours` says that it can, which is the same for all.
template <int LINE>
struct Matrix {
    const float* from;

    __device__ float at(int row, int column) const { return from[size_t(row) * LINE + column]; }

    __device__ bool has_fours() const { return LINE % BRINGS == 0 && is_of_fours(from); }

    __device__ void four(int row, int column, float (&to)[BRINGS]) const {
        read_four(&from[size_t(row) * LINE + column], to);
    }
};

// The same where only the launch knows how far lines are apart.
struct Lines {
    const float* from;
    int line;

    __device__ float at(int row, int column) const { return from[size_t(row) * line + column]; }

    __device__ bool has_fours() const { return line % BRINGS == 0 && is_of_fours(from); }

    __device__ void four(int row, int column, float (&to)[BRINGS]) const {
        read_four(&from[size_t(row) * line + column], to);
    }
};

// Reads four neighbours in memory at once, from row or column i of the tile and step p of the sum on.
template <Lies LIES, class Factor>
__device__ inline void read_whole_four(float (&to)[BRINGS], Factor from, int i, int p) {
    LIES == ALONG_TILE ? from.four(p, i, to) : from.four(i, p, to);
}

// Reads four neighbours in memory, from row or column i of the tile and step p of the sum on. The factor has `limit` rows or columns and
// `depth` steps; what lies beyond counts as 0.
template <Lies LIES, class Factor>
__device__ inline void read_neighbours(float (&to)[BRINGS], Factor from, int i, int limit, int p, int depth) {
    const int last = BRINGS - 1;
    const bool all = LIES == ALONG_TILE ? p < depth && i + last < limit : i < limit && p + last < depth;
    if (all && from.has_fours()) return read_whole_four<LIES>(to, from, i, p);
#pragma unroll
    for (int e = 0; e < BRINGS; ++e) {
        const int of_tile = LIES == ALONG_TILE ? i + e : i, of_sum = LIES == ALONG_TILE ? p : p + e;
        const bool is = of_tile < limit && of_sum < depth;
        to[e] = is ? (LIES == ALONG_TILE ? from.at(of_sum, of_tile) : from.at(of_tile, of_sum)) : 0.0f;
    }
}
