// Rows one behind the other: src/concatenate. One launch for each input, whose rows of WIDTH lie at column `at` of rows of TOTAL.
// A thread has one element.
#include "numbers.cuh"

// The wide rows from the narrow ones.
template <int WIDTH, int TOTAL>
__global__ void concatenate_forward(float* y, const float* x, int at, int rows) {
    const int i = thread_of_launch();
    if (i < rows * WIDTH) y[size_t(i / WIDTH) * TOTAL + at + i % WIDTH] = x[i];
}

// The gradient of the narrow rows from that of the wide ones, or dx += that if ACC.
template <int WIDTH, int TOTAL, bool ACC>
__global__ void concatenate_backward(float* dx, const float* dy, int at, int rows) {
    const int i = thread_of_launch();
    if (i < rows * WIDTH) put<ACC>(&dx[i], dy[size_t(i / WIDTH) * TOTAL + at + i % WIDTH]);
}
