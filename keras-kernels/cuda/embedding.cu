// Rows of a table: src/embedding.
#include "numbers.cuh"

// The row that a number names of a table of so many, or -1 for one that names none.
__device__ inline int row_of_table(float x, int rows) { return x > -1.0f && x < float(rows) ? int(x) : -1; }

// y = a row of the table for each number; NaN for numbers that name none. A thread has one element.
template <int ROWS, int N>
__global__ void embedding_forward(float* y, const float* x, const float* w, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = row_of_table(x[i / N], ROWS);
    y[i] = row < 0 ? not_a_number() : w[size_t(row) * N + i % N];
}

// dw = the sums of the gradients of what came from each row, or dw += that if ACC, of `len` numbers.
//
// A block has a row of the table. Its threads look through the numbers together, as many at once as they are, and then each adds
// up columns of those that were found, in the order of the batch.
template <int N, bool ACC>
__global__ void __launch_bounds__(128) embedding_backward(float* dw, const float* x, const float* dy, int len) {
    __shared__ bool found[128];
    const int row = int(blockIdx.x), rows = int(gridDim.x);
    for (int column = int(threadIdx.x); column < (N + 127) / 128 * 128; column += 128) {
        float sum = 0.0f;
        for (int first = 0; first < len; first += 128) {
            const int mine = first + int(threadIdx.x);
            __syncthreads();
            found[threadIdx.x] = mine < len && row_of_table(x[mine], rows) == row;
            __syncthreads();
            if (column >= N) continue;
            for (int j = 0; j < 128 && first + j < len; ++j) {
                if (found[j]) sum += dy[size_t(first + j) * N + column];
            }
        }
        if (column < N) put<ACC>(&dw[size_t(row) * N + column], sum);
    }
}
