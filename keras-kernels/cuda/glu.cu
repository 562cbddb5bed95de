// Gated linear units: src/glu.
#include "activation.cuh"

// y = a · sigmoid(b), where rows of x have N values a and behind them N values b; y has rows of N, `len` elements in all. A thread
// has one element of y.
template <int N>
__global__ void glu_forward(float* y, const float* x, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    x += size_t(i / N) * (2 * N) + i % N;
    y[i] = x[0] * sigmoid(x[N]);
}

// The gradients of a and b, or dx += them if ACC. A thread has one of `len` elements of dy, and so two of dx.
template <int N, bool ACC>
__global__ void glu_backward(float* dx, const float* dy, const float* x, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const size_t at = size_t(i / N) * (2 * N) + i % N;
    const float s = sigmoid(x[at + N]);
    put<ACC>(&dx[at], dy[i] * s);
    put<ACC>(&dx[at + N], dy[i] * x[at] * s * (1.0f - s));
}
