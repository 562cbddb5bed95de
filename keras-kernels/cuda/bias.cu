// Biases: src/bias.
#include "numbers.cuh"

// y = x + b in rows of N, of `len` elements in all. A thread has one element.
template <int N>
__global__ void bias_forward(float* y, const float* x, const float* b, int len) {
    const int i = thread_of_launch();
    if (i < len) y[i] = x[i] + b[i % N];
}

// db = the sums of the columns of dy, m rows of N, or db += them if ACC.
//
// A block of 256 threads has 32 columns. Its warps take turns with the rows, each lane with a column, so that a warp reads 32
// numbers in a row; then the first warp adds what the eight warps have. The grid's y is for parts of the sum: `share` rows, which go to
// a db of their own.
template <int N, bool ACC>
__global__ void __launch_bounds__(256) bias_backward(float* db, const float* dy, int m, int share) {
    __shared__ float of_warps[8][32];
    const int warp = int(threadIdx.x) / 32, lane = int(threadIdx.x) % 32;
    const int j = int(blockIdx.x) * 32 + lane, part = int(blockIdx.y);
    const int from = part * share, to = m - from < share ? m : from + share;
    float sum = 0.0f;
    if (j < N) {
        for (int i = from + warp; i < to; i += 8) sum += dy[size_t(i) * N + j];
    }
    of_warps[warp][lane] = sum;
    __syncthreads();
    if (warp == 0 && j < N) {
        for (int other = 1; other < 8; ++other) sum += of_warps[other][lane];
        put<ACC>(&db[size_t(part) * N + j], sum);
    }
}
