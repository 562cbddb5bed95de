// Tiles of matrix products.
//
// A block of 256 threads computes a tile of 64 × 64 elements of C = A · B, each thread 4 × 4 of them. It goes through the sum in
// steps of 16: the threads bring a piece of A and one of B to shared memory, A transposed, so that both are read along their rows;
// while they compute with these, the next pieces are on their way to registers. What lies beyond a matrix counts as 0. Each
// element is added up by one thread in the order of the sum, by fused multiplications and additions in f32.
#pragma once

#include "numbers.cuh"
#include "shared.cuh"

constexpr int TILE = 64;
constexpr int DEPTH = 16;
constexpr int GEMM_THREADS = 256;
// Elements of a piece that each thread brings: a float4.
constexpr int BRINGS = TILE * DEPTH / GEMM_THREADS;
static_assert(BRINGS == 4);
// Four floats more than a tile, so that threads which write down a column meet in few banks, and rows stay aligned for reads of
// four.
constexpr int PITCH = TILE + 4;

// How a factor lies in memory: whether its neighbours there are neighbours along the tile or along the sum.
enum Lies { ALONG_TILE, ALONG_SUM };

// A thread's elements of a piece of a factor, which is TILE of its rows or columns by DEPTH steps of the sum: four neighbours in
// memory. The next thread has the next four.
template <Lies LIES>
struct Piece {
    float own[BRINGS];

    static __device__ int in_tile(int e) {
        return LIES == ALONG_TILE ? int(threadIdx.x) % (TILE / BRINGS) * BRINGS + e : int(threadIdx.x) / (DEPTH / BRINGS);
    }

    static __device__ int in_sum(int e) {
        return LIES == ALONG_TILE ? int(threadIdx.x) / (TILE / BRINGS) : int(threadIdx.x) % (DEPTH / BRINGS) * BRINGS + e;
    }

    // Reads the piece from row or column i0 and step p0 on. The factor has `limit` rows or columns and `depth` steps.
    template <class Factor>
    __device__ void read(Factor from, int i0, int limit, int p0, int depth) {
        const int i = i0 + in_tile(0), p = p0 + in_sum(0);
        const int last = BRINGS - 1;
        const bool all = LIES == ALONG_TILE ? p < depth && i + last < limit : i < limit && p + last < depth;
        if (all && (LIES == ALONG_TILE ? from.four(p, i, own) : from.four(i, p, own))) return;
        for (int e = 0; e < BRINGS; ++e) {
            const int row = LIES == ALONG_TILE ? p0 + in_sum(e) : i0 + in_tile(e);
            const int column = LIES == ALONG_TILE ? i0 + in_tile(e) : p0 + in_sum(e);
            const bool is = i0 + in_tile(e) < limit && p0 + in_sum(e) < depth;
            own[e] = is ? from.at(row, column) : 0.0f;
        }
    }

    __device__ void write(float (*to)[PITCH]) const {
        for (int e = 0; e < BRINGS; ++e) to[in_sum(e)][in_tile(e)] = own[e];
    }
};

// Four floats at once, if the first begins at a multiple of their size.
__device__ inline bool read_four(const float* from, float (&to)[BRINGS]) {
    if (size_t(from) % sizeof(float4) != 0) return false;
    const float4 four = *reinterpret_cast<const float4*>(from);
    to[0] = four.x;
    to[1] = four.y;
    to[2] = four.z;
    to[3] = four.w;
    return true;
}

// A factor that is a matrix in lines of LINE floats. What else can be a factor has the same two functions: `at` gives an element,
// `four` four neighbours of a row, the first column a multiple of four, unless it says that it cannot.
template <int LINE>
struct Matrix {
    const float* from;

    __device__ float at(int row, int column) const { return from[size_t(row) * LINE + column]; }

    __device__ bool four(int row, int column, float (&to)[BRINGS]) const {
        return LINE % BRINGS == 0 && read_four(&from[size_t(row) * LINE + column], to);
    }
};

// The same where only the launch knows how far lines are apart.
struct Lines {
    const float* from;
    int line;

    __device__ float at(int row, int column) const { return from[size_t(row) * line + column]; }

    __device__ bool four(int row, int column, float (&to)[BRINGS]) const {
        return line % BRINGS == 0 && read_four(&from[size_t(row) * line + column], to);
    }
};

// The pieces of A and B in shared memory.
struct GemmPieces {
    float a[DEPTH][PITCH];
    float b[DEPTH][PITCH];
};

// The tile of C from row i0 and column j0 on. C has `rows` by `columns` elements, each a sum of `depth`; `take(i, j, sum)` gets each
// of the tile's. Rows of A lie ALONG_SUM if they are rows of C, ALONG_TILE if they are steps of the sum; rows of B ALONG_TILE if
// they are steps of the sum, ALONG_SUM if they are columns of C. All threads of the block call it together.
template <Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void gemm_tile_at(int i0, int j0, AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
    GemmPieces& pieces = shared<GemmPieces>();
    const int ti = int(threadIdx.x) / 16 * 4, tj = int(threadIdx.x) % 16 * 4;
    float sums[4][4] = {};
    Piece<A> a_piece;
    Piece<B> b_piece;
    a_piece.read(a, i0, rows, 0, depth);
    b_piece.read(b, j0, columns, 0, depth);
    for (int p0 = 0; p0 < depth; p0 += DEPTH) {
        a_piece.write(pieces.a);
        b_piece.write(pieces.b);
        __syncthreads();
        if (p0 + DEPTH < depth) {
            a_piece.read(a, i0, rows, p0 + DEPTH, depth);
            b_piece.read(b, j0, columns, p0 + DEPTH, depth);
        }
#pragma unroll
        for (int p = 0; p < DEPTH; ++p) {
            for (int i = 0; i < 4; ++i) {
                for (int j = 0; j < 4; ++j) sums[i][j] = fmaf(pieces.a[p][ti + i], pieces.b[p][tj + j], sums[i][j]);
            }
        }
        __syncthreads();
    }
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) {
            if (i0 + ti + i < rows && j0 + tj + j < columns) take(i0 + ti + i, j0 + tj + j, sums[i][j]);
        }
    }
}

// The block's tile of C, by its place in the grid: rows along x, columns along y.
template <Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void gemm_tile(AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
    gemm_tile_at<A, B>(int(blockIdx.x) * TILE, int(blockIdx.y) * TILE, a, b, rows, columns, depth, take);
}
