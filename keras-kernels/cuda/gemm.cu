// Matrix products of fully connected layers: src/dense. Matrices are row-major; K and N belong to the layer, m is the number of
// rows of the batch. T is how tiles are computed.
#include "activation.cuh"
#include "gemm.cuh"

// y = act(x · w + b): x of m by K, w of K by N, y of m by N; `b` is null unless BIAS. The grid has a block for each tile of y, its x
// along the rows.
template <int K, int N, Word ACT, bool BIAS, class T>
__global__ void __launch_bounds__(GEMM_THREADS) gemm_forward(
    float* y, const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, int m, float a,
    float b, float c, float d
) {
    gemm_tile<T, ALONG_SUM, ALONG_TILE>(Matrix<K>{x}, Matrix<N>{w}, m, N, K, [=](int i, int j, float sum) {
        y[size_t(i) * N + j] = activate<ACT>(BIAS ? sum + bias[j] : sum, {a, b, c, d});
    });
}

// dx = dy · wᵀ, or dx += that if ACC: dy of m by N, w of K by N, dx of m by K. The grid has a block for each tile of dx.
template <int K, int N, bool ACC, class T>
__global__ void __launch_bounds__(GEMM_THREADS)
    gemm_data(float* dx, const float* __restrict__ dy, const float* __restrict__ w, int m) {
    gemm_tile<T, ALONG_SUM, ALONG_SUM>(Matrix<N>{dy}, Matrix<N>{w}, m, K, N, [=](int i, int j, float sum) {
        put<ACC>(&dx[size_t(i) * K + j], sum);
    });
}

// dw = xᵀ · dy, or dw += that if ACC: x of m by K, dy of m by N, dw of K by N. The grid has a block for each tile of dw, and behind
// each other, in z, one for each part of the sum: `share` rows of the batch, which go to a dw of their own.
template <int K, int N, bool ACC, class T>
__global__ void __launch_bounds__(GEMM_THREADS)
    gemm_kernel(float* dw, const float* __restrict__ x, const float* __restrict__ dy, int m, int share) {
    const int from = int(blockIdx.z) * share, depth = m - from < share ? m - from : share;
    dw += size_t(blockIdx.z) * K * N;
    x += size_t(from) * K;
    dy += size_t(from) * N;
    gemm_tile<T, ALONG_TILE, ALONG_TILE>(Matrix<K>{x}, Matrix<N>{dy}, K, N, depth, [=](int i, int j, float sum) {
        put<ACC>(&dw[size_t(i) * N + j], sum);
    });
}
