// Rows one behind the other: src/concatenate. WIDTH columns of rows of TOTAL, from column `at` on; on the other side they are rows
// of their own. A thread has one of rows · WIDTH elements.
#include "numbers.cuh"

// The columns of y are x.
template <int WIDTH, int TOTAL>
__global__ void concatenate_forward(float* y, const float* x, int at, int rows) {
    const int i = thread_of_launch();
    if (i < rows * WIDTH) y[size_t(i / WIDTH) * TOTAL + at + i % WIDTH] = x[i];
}

// dx is the columns of dy, or dx += them if ACC.
template <int WIDTH, int TOTAL, bool ACC>
__global__ void concatenate_backward(float* dx, const float* dy, int at, int rows) {
    const int i = thread_of_launch();
    if (i < rows * WIDTH) put<ACC>(&dx[i], dy[size_t(i / WIDTH) * TOTAL + at + i % WIDTH]);
}
