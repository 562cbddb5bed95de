// Batches.
#include "numbers.cuh"

// The rows of a batch, one behind the other: row i of `to` is row order[now[0] + i] of `from`. A thread has one of rows · LEN
// elements.
template <class T, int LEN>
__global__ void gather_rows(T* to, const T* from, const unsigned int* order, const unsigned int* now, int rows) {
    const int at = thread_of_launch();
    if (at >= rows * LEN) return;
    const size_t row = order[now[0] + at / LEN];
    to[at] = from[row * LEN + at % LEN];
}

// The rows of a batch in their places among those of a turn, which begins at a multiple of `turn` rows: row i of `from` is row
// now[0] % turn + i of `to`. A thread has one of rows · LEN elements.
template <int LEN>
__global__ void put_rows(float* to, const float* from, const unsigned int* now, int rows, unsigned int turn) {
    const int at = thread_of_launch();
    if (at < rows * LEN) to[size_t(now[0] % turn) * LEN + at] = from[at];
}
