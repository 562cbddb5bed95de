// Data moved by a rule: src/gather. Samples have LEN elements, and those of the output a dimension for each of AXES.
#include "numbers.cuh"
#include "shared.cuh"

// A dimension of the output: its positions, and as src/gather has them the positions of the input, the elements from one of
// these to the next, the zeros before them, how many are left out, and how often each comes.
template <int POSITIONS, int FROM, int STRIDE, int BEFORE, int SKIP, int REPEAT>
struct Axis {};

// All dimensions, or those from one on.
template <class... AXES>
struct Axes {
    static constexpr int LEN = 1;

    static __device__ int source(int) { return 0; }

    static __device__ float sum(float sum, const float* dy, int) { return sum + *dy; }
};

template <int POSITIONS, int FROM, int STRIDE, int BEFORE, int SKIP, int REPEAT, class... INNER>
struct Axes<Axis<POSITIONS, FROM, STRIDE, BEFORE, SKIP, REPEAT>, INNER...> {
    using Inner = Axes<INNER...>;
    static constexpr int LEN = POSITIONS * Inner::LEN;

    // Which element of the input element i of the output is; less than 0 if it is none.
    static __device__ int source(int i) {
        const int p = i / Inner::LEN / REPEAT - BEFORE, q = p + SKIP;
        const int rest = Inner::source(i % Inner::LEN);
        return p < 0 || q >= FROM || rest < 0 ? -1 : q * STRIDE + rest;
    }

    // `sum` and all that element i of the input has become.
    static __device__ float sum(float sum, const float* dy, int i) {
        const int q = i / STRIDE % FROM;
        if (q < SKIP) return sum;
        const int first = (q - SKIP + BEFORE) * REPEAT;
        for (int p = first; p < first + REPEAT && p < POSITIONS; ++p) {
            sum = Inner::sum(sum, dy + size_t(p) * Inner::LEN, i);
        }
        return sum;
    }
};

// y = what the axes say of x, which is 0 where they lead nowhere. A thread has one of `len` elements.
template <int LEN, class... AXES>
__global__ void gather_forward(float* y, const float* x, int len) {
    using All = Axes<AXES...>;
    const int i = thread_of_launch();
    if (i >= len) return;
    const int from = All::source(i % All::LEN);
    y[i] = from < 0 ? 0.0f : x[size_t(i / All::LEN) * LEN + from];
}

// dx = the sum of what of dy came from each element, or dx += that if ACC, in the order of dy. A thread has one of `len`
// elements.
template <int LEN, bool ACC, class... AXES>
__global__ void gather_backward(float* dx, const float* dy, int len) {
    using All = Axes<AXES...>;
    const int i = thread_of_launch();
    if (i < len) dx[i] = All::sum(ACC ? dx[i] : 0.0f, dy + size_t(i / LEN) * All::LEN, i % LEN);
}

// The transpose of each matrix of x, ROWS by COLUMNS, or y += that if ACC.
//
// A block of 256 threads has a square of 32 by 32 elements of a matrix, which it reads and writes by lines: in between, it is in
// shared memory, whose lines are one longer so that those of a column are in different banks.
template <int ROWS, int COLUMNS, bool ACC>
__global__ void __launch_bounds__(256) gather_transposed(float* y, const float* x) {
    auto& square = shared<float[32][33]>();
    constexpr int DOWN = (ROWS + 31) / 32, ALONG = (COLUMNS + 31) / 32;
    const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32, matrix = int(blockIdx.x) / (DOWN * ALONG);
    const int i0 = int(blockIdx.x) / ALONG % DOWN * 32, j0 = int(blockIdx.x) % ALONG * 32;
    x += size_t(matrix) * (ROWS * COLUMNS);
    y += size_t(matrix) * (ROWS * COLUMNS);
    for (int i = warp; i < 32; i += 8) {
        if (i0 + i < ROWS && j0 + lane < COLUMNS) square[i][lane] = x[size_t(i0 + i) * COLUMNS + j0 + lane];
    }
    __syncthreads();
    for (int j = warp; j < 32; j += 8) {
        if (j0 + j < COLUMNS && i0 + lane < ROWS) put<ACC>(&y[size_t(j0 + j) * ROWS + i0 + lane], square[lane][j]);
    }
}
