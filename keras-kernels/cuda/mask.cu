// Masks of rows, 1 or 0 for each, and what they leave of rows: src/mask. Rows have N elements.
#include "numbers.cuh"

// Whether a row counts.
__device__ inline bool counts(float m) { return m > 0.5f; }

// m = 1 where any element of the row is not `value`, else 0, for `len` rows. A thread has a row.
template <int N>
__global__ void not_equal(float* m, const float* x, int len, float value) {
    const int row = thread_of_launch();
    if (row >= len) return;
    bool any = false;
    for (int j = 0; j < N; ++j) any |= x[size_t(row) * N + j] != value;
    m[row] = any ? 1.0f : 0.0f;
}

// y = x in rows that count, `fill` in the others; `len` elements. A thread has one of them.
template <int N>
__global__ void mask_forward(float* y, const float* x, const float* m, int len, float fill) {
    const int i = thread_of_launch();
    if (i < len) y[i] = counts(m[i / N]) ? x[i] : fill;
}

// dx = dy in rows that count if COUNT, or in the others if not, and elsewhere 0; or dx += that if ACC. A thread has one of `len`
// elements.
template <int N, bool COUNT, bool ACC>
__global__ void mask_backward(float* dx, const float* dy, const float* m, int len) {
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&dx[i], counts(m[i / N]) == COUNT ? dy[i] : 0.0f);
}

// y = a in rows that count, b in the others; `len` elements. A thread has one of them.
template <int N>
__global__ void select_forward(float* y, const float* a, const float* b, const float* m, int len) {
    const int i = thread_of_launch();
    if (i < len) y[i] = counts(m[i / N]) ? a[i] : b[i];
}
