// Biases: src/bias.
#include "reduce.cuh"

// db = the sums of the columns of dy, m rows of N, or db += them if ACC.
//
// A block of 256 threads has 32 columns. Its warps take turns with the rows, each lane with a column, so that a warp reads 32
// numbers in a row; then the first warp adds what the eight warps have. The grid's y is for parts of the sum: `share` rows, which go to
// a db of their own.
template <int N, bool ACC>
__global__ void __launch_bounds__(256) bias_backward(float* db, const float* dy, int m, int share) {
    const int warp = int(threadIdx.x) / WARP, j = int(blockIdx.x) * WARP + lane(), part = int(blockIdx.y);
    const int from = part * share, to = m - from < share ? m : from + share;
    float sum = 0.0f;
    if (j < N) {
        for (int i = from + warp; i < to; i += WARPS) sum += dy[size_t(i) * N + j];
    }
    sum = sum_of_warps(sum);
    if (warp == 0 && j < N) put<ACC>(&db[size_t(part) * N + j], sum);
}
