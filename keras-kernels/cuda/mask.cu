// Masks of rows, 1 or 0 for each: src/mask. Rows have N elements.
#include "numbers.cuh"

// m = 1 where any element of the row is not `value`, else 0, for `len` rows. A thread has a row.
template <int N>
__global__ void not_equal(float* m, const float* x, int len, float value) {
    const int row = thread_of_launch();
    if (row >= len) return;
    bool any = false;
    for (int j = 0; j < N; ++j) any |= x[size_t(row) * N + j] != value;
    m[row] = any ? 1.0f : 0.0f;
}
