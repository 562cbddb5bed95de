// Rows of a table: src/embedding.
#include "numbers.cuh"

// The row that a number stands for, of so many; -1 if it stands for none.
__device__ inline int row_of_table(float x, int rows) { return x > -1.0f && x < float(rows) ? int(x) : -1; }

// y = the rows of w, ROWS of N, that the numbers x stand for; NaN where one stands for none. A thread has one of `len` elements.
template <int ROWS, int N>
__global__ void embedding_forward(float* y, const float* x, const float* w, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = row_of_table(x[i / N], ROWS);
    y[i] = row < 0 ? not_a_number() : w[size_t(row) * N + i % N];
}

// dw = for each row the sum of the gradients dy of what it was taken for by `count` numbers x, in their order, or dw += that if ACC. A
// block has a row of the table, whose elements its threads take turns with.
template <int N, bool ACC>
__global__ void embedding_backward(float* dw, const float* x, const float* dy, int count) {
    const int row = int(blockIdx.x), rows = int(gridDim.x);
    for (int j = int(threadIdx.x); j < N; j += int(blockDim.x)) {
        float sum = 0.0f;
        for (int i = 0; i < count; ++i) {
            if (row_of_table(x[i], rows) == row) sum += dy[size_t(i) * N + j];
        }
        put<ACC>(&dw[size_t(row) * N + j], sum);
    }
}
