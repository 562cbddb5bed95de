// States that rows carry from batch to batch, WIDTH floats for each: a thread has one of `len` elements, N for each row, which begin
// at float `at` of what the row carries.
#include "numbers.cuh"

template <int N, int WIDTH>
__device__ inline size_t carried_at(int i, int at) { return size_t(i / N) * WIDTH + at + i % N; }

// y = what an earlier batch has left.
template <int N, int WIDTH>
__global__ void carried_recall(float* y, const float* carried, int len, int at) {
    const int i = thread_of_launch();
    if (i < len) y[i] = carried[carried_at<N, WIDTH>(i, at)];
}

// Leaves x for the next batch.
template <int N, int WIDTH>
__global__ void carried_carry(float* carried, const float* x, int len, int at) {
    const int i = thread_of_launch();
    if (i < len) carried[carried_at<N, WIDTH>(i, at)] = x[i];
}
