// Masks, and what they leave of rows: src/mask. A row of N counts where its mask is more than a half.
#include "numbers.cuh"

// m = 1 for each row of N of which one number is not `value`, otherwise 0. A thread has a row.
template <int N>
__global__ void not_equal(float* m, const float* x, int rows, float value) {
    const int i = thread_of_launch();
    if (i >= rows) return;
    bool any = false;
    for (int j = 0; j < N; ++j) any |= x[size_t(i) * N + j] != value;
    m[i] = any ? 1.0f : 0.0f;
}

// y = x in rows that count, `fill` in others. A thread has one element.
template <int N>
__global__ void mask_forward(float* y, const float* x, const float* m, int len, float fill) {
    const int i = thread_of_launch();
    if (i < len) y[i] = m[i / N] > 0.5f ? x[i] : fill;
}

// dx = dy in rows that count (in the others, unless COUNT) and 0 elsewhere, or dx += that if ACC. A thread has one element.
template <int N, bool COUNT, bool ACC>
__global__ void mask_backward(float* dx, const float* dy, const float* m, int len) {
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&dx[i], (m[i / N] > 0.5f) == COUNT ? dy[i] : 0.0f);
}

// y = a in rows that count, b in others. A thread has one element.
template <int N>
__global__ void select_forward(float* y, const float* a, const float* b, const float* m, int len) {
    const int i = thread_of_launch();
    if (i < len) y[i] = m[i / N] > 0.5f ? a[i] : b[i];
}
