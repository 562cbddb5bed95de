// Several matrix products at once: src/dot, src/einsum.
#include "gemm.cuh"

// C = A · B, or C += A · B if ACC, for each of several products of `rows` by `columns` elements, each a sum of `depth`. From one
// product's A, B and C to the next's it is A_STEP, B_STEP and C_STEP floats. A and B lie as A_LIES and B_LIES say, in lines of
// A_LINE and B_LINE floats; from an element of C to the next one of its column and of its row it is C_ROW and C_COLUMN floats.
//
// The grid has a block for each tile: along x the rows of tiles of one product after the other, along y its columns of tiles.
// Behind each other, in z, there is one for each part of the sum, of `share` steps, which goes to a C of its own: all of them
// have `len` elements. T is how a tile is computed.
template <
    Lies A_LIES, int A_LINE, int A_STEP, Lies B_LIES, int B_LINE, int B_STEP, int C_ROW, int C_COLUMN, int C_STEP, bool ACC,
    class T>
__global__ void __launch_bounds__(GEMM_THREADS) products(
    float* c, const float* __restrict__ a, const float* __restrict__ b, int rows, int columns, int depth, int share, int len
) {
    const int tiles = (rows + T::SIDE - 1) / T::SIDE, from = int(blockIdx.z) * share;
    const size_t product = blockIdx.x / tiles;
    const int i0 = int(blockIdx.x) % tiles * T::SIDE, j0 = int(blockIdx.y) * T::SIDE;
    a += product * A_STEP + size_t(from) * (A_LIES == ALONG_TILE ? A_LINE : 1);
    b += product * B_STEP + size_t(from) * (B_LIES == ALONG_TILE ? B_LINE : 1);
    c += product * C_STEP + size_t(blockIdx.z) * len;
    const int steps = depth - from < share ? depth - from : share;
    const Matrix<A_LINE> left{a};
    const Matrix<B_LINE> right{b};
    gemm_tile_at<T, A_LIES, B_LIES>(i0, j0, left, right, rows, columns, steps, [=](int i, int j, float sum) {
        put<ACC>(&c[size_t(i) * C_ROW + size_t(j) * C_COLUMN], sum);
    });
}
