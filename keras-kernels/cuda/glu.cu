// Gated linear units: src/glu. Rows of N from rows of twice as many: the first half times the sigmoid of the second. A thread has
// one element of the output.
#include "numbers.cuh"

__device__ inline float gate(float x) { return 1.0f / (1.0f + expf(-x)); }

template <int N>
__global__ void glu_forward(float* y, const float* x, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const float* const row = x + size_t(i / N) * (2 * N) + i % N;
    y[i] = row[0] * gate(row[N]);
}

// dx = the gradient of both halves, or dx += that if ACC.
template <int N, bool ACC>
__global__ void glu_backward(float* dx, const float* dy, const float* x, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const size_t at = size_t(i / N) * (2 * N) + i % N;
    const float open = gate(x[at + N]);
    put<ACC>(&dx[at], dy[i] * open);
    put<ACC>(&dx[at + N], dy[i] * x[at] * open * (1.0f - open));
}
