// Matrix products whose factors and results are some columns of wider matrices: a line of each is so many floats from the next.
#include "gemm.cuh"

// C = A · B, or with Aᵀ where its lines lie ALONG_TILE, and Bᵀ where its lines lie ALONG_SUM; plus a row of `bias` unless that is
// null. Or C += that if ACC. C has `rows` by `columns` elements, each a sum of `depth`. The grid has a block for each tile of C, its x
// along the rows; T is how it is computed.
template <Lies A, Lies B, bool ACC, class T>
__global__ void __launch_bounds__(GEMM_THREADS) gemm_part(
    float* c, int c_line, const float* __restrict__ a, int a_line, const float* __restrict__ b, int b_line,
    const float* __restrict__ bias, int rows, int columns, int depth
) {
    gemm_tile<T, A, B>(Lines{a, a_line}, Lines{b, b_line}, rows, columns, depth, [=](int i, int j, float sum) {
        put<ACC>(&c[size_t(i) * c_line + j], bias == nullptr ? sum : sum + bias[j]);
    });
}
