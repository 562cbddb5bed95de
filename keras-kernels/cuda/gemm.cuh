// Tiles of matrix products, in f32 here, or by tensor cores (tensor_tile.cuh).
//
// A block of 256 threads computes a tile of 64 × 64 elements of C = A · B, each thread 4 × 4 of them. It goes through the sum in
// steps of 16: the threads bring a piece of A and one of B to shared memory, A transposed, so that both are read along their rows;
// while they compute with these, the next pieces are on their way to registers. What lies beyond a matrix counts as 0. Each
// element is added up by one thread in the order of the sum, by fused multiplications and additions in f32.
#pragma once

#include "factors.cuh"
#include "numbers.cuh"
#include "shared.cuh"
#include "tensor_tile.cuh"

constexpr int TILE = 64;
constexpr int DEPTH = 16;
static_assert(TILE * DEPTH / GEMM_THREADS == BRINGS, "a thread brings four elements of a piece");
// Four floats more than a tile, so that threads which write down a column meet in few banks, and rows stay aligned for reads of
// four.
constexpr int PITCH = TILE + 4;

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
        read_neighbours<LIES>(own, from, i0 + in_tile(0), limit, p0 + in_sum(0), depth);
    }

    __device__ void write(float (*to)[PITCH]) const {
        for (int e = 0; e < BRINGS; ++e) to[in_sum(e)][in_tile(e)] = own[e];
    }
};

// The pieces of A and B in shared memory.
struct GemmPieces {
    float a[DEPTH][PITCH];
    float b[DEPTH][PITCH];
};

// How a tile is computed: what its products multiply (tensor.cuh), and how many rows and columns it has.
template <Word MATH_, int SIDE_>
struct Tile {
    static constexpr Word MATH = MATH_;
    static constexpr int SIDE = SIDE_;
};

// Tiles for all products, and those for products so large that there are enough of them, which read each factor half as often.
template <Word MATH>
using Small = Tile<MATH, TILE>;
template <Word MATH>
using Large = Tile<MATH, 2 * TILE>;

// The tile in f32.
template <Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void float_tile(int i0, int j0, AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
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

// The tile of C from row i0 and column j0 on, computed as T says. C has `rows` by `columns` elements, each a sum of `depth`;
// `take(i, j, sum)` gets each of the tile's. Rows of A lie ALONG_SUM if they are rows of C, ALONG_TILE if they are steps of the sum; rows
// of B ALONG_TILE if they are steps of the sum, ALONG_SUM if they are columns of C. All threads of the block call it together.
template <class T, Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void gemm_tile_at(int i0, int j0, AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
    if constexpr (T::MATH == FLOAT32) {
        static_assert(T::SIDE == TILE, "there is no larger tile in f32");
        float_tile<A, B>(i0, j0, a, b, rows, columns, depth, take);
    } else {
        tensor_tile<T::MATH, T::SIDE, A, B>(i0, j0, a, b, rows, columns, depth, take);
    }
}

// The block's tile of C, by its place in the grid: rows along x, columns along y.
template <class T, Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void gemm_tile(AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
    gemm_tile_at<T, A, B>(int(blockIdx.x) * T::SIDE, int(blockIdx.y) * T::SIDE, a, b, rows, columns, depth, take);
}
