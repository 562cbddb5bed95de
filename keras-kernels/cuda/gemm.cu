// Matrix products of fully connected layers: src/dense. Matrices are row-major; K and N belong to the layer, m is the number of
// rows of the batch.
//
// A block of 256 threads computes a tile of 64 × 64 elements of C = A · B, each thread 4 × 4 of them. It goes through the sum in
// steps of 16: the threads bring a piece of A and one of B to shared memory, A transposed, so that both are read along their rows;
// while they compute with these, the next pieces are on their way to registers. What lies beyond a matrix counts as 0. Each
// element is added up by one thread in the order of the sum, by fused multiplications and additions in f32.
#include "activation.cuh"

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

    // Reads the piece from row or column i0 and step p0 on. The factor has `limit` rows or columns and `depth` steps, in lines of
    // `line` floats.
    __device__ void read(const float* from, int line, int i0, int limit, int p0, int depth) {
        const int i = i0 + in_tile(0), p = p0 + in_sum(0);
        const int last = BRINGS - 1;
        const bool all = LIES == ALONG_TILE ? p < depth && i + last < limit : i < limit && p + last < depth;
        from += LIES == ALONG_TILE ? size_t(p) * line + i : size_t(i) * line + p;
        // At once where lines are of whole fours, if the first begins at one.
        if (line % BRINGS == 0 && all && size_t(from) % sizeof(float4) == 0) {
            const float4 four = *reinterpret_cast<const float4*>(from);
            own[0] = four.x;
            own[1] = four.y;
            own[2] = four.z;
            own[3] = four.w;
            return;
        }
        for (int e = 0; e < BRINGS; ++e) {
            own[e] = i0 + in_tile(e) < limit && p0 + in_sum(e) < depth ? from[e] : 0.0f;
        }
    }

    __device__ void write(float (*to)[PITCH]) const {
        for (int e = 0; e < BRINGS; ++e) to[in_sum(e)][in_tile(e)] = own[e];
    }
};

// The block's tile of C, which has `rows` by `columns` elements, each a sum of `depth`; `take(i, j, sum)` gets each of them. A and B
// have lines of `a_line` and `b_line` floats.
template <Lies A, Lies B, class Take>
__device__ inline void gemm_tile(
    const float* a, int a_line, const float* b, int b_line, int rows, int columns, int depth, Take take
) {
    __shared__ __align__(16) float a_tile[DEPTH][PITCH];
    __shared__ __align__(16) float b_tile[DEPTH][PITCH];
    const int i0 = int(blockIdx.x) * TILE, j0 = int(blockIdx.y) * TILE;
    const int ti = int(threadIdx.x) / 16 * 4, tj = int(threadIdx.x) % 16 * 4;
    float sums[4][4] = {};
    Piece<A> a_piece;
    Piece<B> b_piece;
    a_piece.read(a, a_line, i0, rows, 0, depth);
    b_piece.read(b, b_line, j0, columns, 0, depth);
    for (int p0 = 0; p0 < depth; p0 += DEPTH) {
        a_piece.write(a_tile);
        b_piece.write(b_tile);
        __syncthreads();
        if (p0 + DEPTH < depth) {
            a_piece.read(a, a_line, i0, rows, p0 + DEPTH, depth);
            b_piece.read(b, b_line, j0, columns, p0 + DEPTH, depth);
        }
#pragma unroll
        for (int p = 0; p < DEPTH; ++p) {
            for (int i = 0; i < 4; ++i) {
                for (int j = 0; j < 4; ++j) sums[i][j] = fmaf(a_tile[p][ti + i], b_tile[p][tj + j], sums[i][j]);
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

// y = act(x · w + b): x of m by K, w of K by N, y of m by N; `b` is null unless BIAS. The grid has a block for each tile of y, its x
// along the columns.
template <int K, int N, Word ACT, bool BIAS>
__global__ void __launch_bounds__(GEMM_THREADS) gemm_forward(
    float* y, const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, int m, float a,
    float b, float c, float d
) {
    gemm_tile<ALONG_SUM, ALONG_TILE>(x, K, w, N, m, N, K, [=](int i, int j, float sum) {
        y[size_t(i) * N + j] = activate<ACT>(BIAS ? sum + bias[j] : sum, {a, b, c, d});
    });
}

// dx = dy · wᵀ, or dx += that if ACC: dy of m by N, w of K by N, dx of m by K. The grid has a block for each tile of dx.
template <int K, int N, bool ACC>
__global__ void __launch_bounds__(GEMM_THREADS)
    gemm_data(float* dx, const float* __restrict__ dy, const float* __restrict__ w, int m) {
    gemm_tile<ALONG_SUM, ALONG_SUM>(dy, N, w, N, m, K, N, [=](int i, int j, float sum) {
        put<ACC>(&dx[size_t(i) * K + j], sum);
    });
}

// dw = xᵀ · dy, or dw += that if ACC: x of m by K, dy of m by N, dw of K by N. The grid has a block for each tile of dw.
template <int K, int N, bool ACC>
__global__ void __launch_bounds__(GEMM_THREADS)
    gemm_kernel(float* dw, const float* __restrict__ x, const float* __restrict__ dy, int m) {
    gemm_tile<ALONG_TILE, ALONG_TILE>(x, K, dy, N, K, N, m, [=](int i, int j, float sum) {
        put<ACC>(&dw[size_t(i) * N + j], sum);
    });
}
