// Rows of a table: src/embedding.
//
// The gradient of a small table is summed up by each of its rows, which looks through all numbers. That of a large one goes by the
// numbers, sorted by their rows: runs of them are sorted, and runs are merged until there is one. All is in order of the batch, so that
// both ways give the same bits.
#include "numbers.cuh"
#include "shared.cuh"

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

// dw = 0, `len` elements of which a thread has one.
__global__ void embedding_clear(float* dw, int len) {
    const int i = thread_of_launch();
    if (i < len) dw[i] = 0.0f;
}

// Numbers of a run, which a block sorts.
constexpr int RUN = 256;

// Sorts runs of `count` numbers x by the rows of the table that they stand for; what stands for none is behind all others, as row ROWS.
// `sorted` has the rows of all, and behind them the place of each among the numbers. A thread has a number.
template <int ROWS>
__global__ void __launch_bounds__(RUN) embedding_sort(float* sorted, const float* x, int count) {
    auto& rows = shared<float[RUN]>();
    const int place = thread_of_launch(), own = int(threadIdx.x), first = place - own;
    const int found = place < count ? row_of_table(x[place], ROWS) : -1;
    const float row = float(found < 0 ? ROWS : found);
    rows[own] = row;
    __syncthreads();
    if (place >= count) return;
    int at = first;
    for (int i = 0; i < RUN; ++i) at += first + i < count && (rows[i] < row || (rows[i] == row && i < own));
    sorted[at] = row;
    sorted[count + at] = float(place);
}

// How many of `len` sorted rows come before those that are `row`, or with EQUAL behind them.
__device__ inline int rows_before(const float* rows, int len, float row, bool equal) {
    int low = 0;
    while (low < len) {
        const int middle = low + (len - low) / 2;
        if (rows[middle] < row || (equal && rows[middle] == row)) low = middle + 1;
        else len = middle;
    }
    return low;
}

// Merges runs of `run` numbers, RUNS at a time. A thread has a number, which comes behind those of equal rows of the runs before.
template <int RUNS>
__global__ void embedding_merge(float* to, const float* from, int run, int count) {
    const int i = thread_of_launch();
    if (i >= count) return;
    const float row = from[i];
    const int own = i / run, first = own / RUNS * RUNS;
    int at = first * run + i % run;
    for (int other = first; other < first + RUNS && other * run < count; ++other) {
        const int begin = other * run, rest = count - begin;
        if (other != own) at += rows_before(from + begin, run < rest ? run : rest, row, other < own);
    }
    to[at] = row;
    to[count + at] = from[count + i];
}

// dw = for each of ROWS rows that a number stands for the sum of the gradients dy of what it was taken for, in the order of the numbers,
// or dw += that if ACC. What no number stands for stays. A block has a number of `sorted`; the first one of a row does the work, whose
// elements its threads take turns with.
template <int ROWS, int N, bool ACC>
__global__ void embedding_sums(float* dw, const float* sorted, const float* dy, int count) {
    const int first = int(blockIdx.x);
    const float row = sorted[first];
    if (row == float(ROWS) || (first > 0 && sorted[first - 1] == row)) return;
    for (int j = int(threadIdx.x); j < N; j += int(blockDim.x)) {
        float sum = 0.0f;
        for (int i = first; i < count && sorted[i] == row; ++i) sum += dy[size_t(sorted[count + i]) * N + j];
        put<ACC>(&dw[size_t(row) * N + j], sum);
    }
}
