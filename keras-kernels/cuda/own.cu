// Layers of one's own. What their functions do is their own affair: `L` is the layer, `P` one of its arrays of weights, which keras
// writes behind the layer's source. Where the layer has no weights or keeps nothing, `w` or `saved` is null. The last arguments are the
// stream of random numbers, with `step` the count of steps in two words, low half first.
#include "own.cuh"

// y and what is kept. A block has a row.
template <class L, bool TRAINING>
__global__ void own_forward(
    float* y, float* saved, const float* w, const float* x, int rows, unsigned int seed_low, unsigned int seed_high,
    unsigned int stream, const unsigned int* step
) {
    const int row = int(blockIdx.x);
    const own::Call call{TRAINING, row, rows, {{seed_low, seed_high}, {step[0], step[1]}, stream}};
    const auto batch = own::batch<L>(x, y, saved, y);
    auto& of_row = const_cast<typename L::Output&>(batch.y[row]);
    L::call_forward(call, own::weights<L>(w, x), batch.x[row], of_row, const_cast<typename L::Saved&>(batch.saved[row]));
}

// dx, or dx += that if ACC. A block has a row.
template <class L, bool TRAINING, bool ACC>
__global__ void own_data(
    float* dx, const float* w, const float* x, const float* y, const float* saved, const float* dy, int rows,
    unsigned int seed_low, unsigned int seed_high, unsigned int stream, const unsigned int* step
) {
    const int row = int(blockIdx.x);
    const own::Call call{TRAINING, row, rows, {{seed_low, seed_high}, {step[0], step[1]}, stream}};
    if (!ACC) {
        for (int i : call.share(L::INPUTS)) dx[size_t(row) * L::INPUTS + i] = 0.0f;
        __syncthreads();
    }
    auto* const of_rows = reinterpret_cast<typename L::Input*>(dx);
    L::call_backward_data(call, own::weights<L>(w, x), own::batch<L>(x, y, saved, dy)[row], of_rows[row]);
}

// dw = the gradient of P over all rows, or dw += that if ACC.
//
// A block of 256 threads has TOGETHER elements, a power of two. Threads in a row have elements in a row, and those of the same
// element take turns with the rows; then one for each element adds up what they have, in their order.
template <class P, bool TRAINING, int TOGETHER, bool ACC>
__global__ void __launch_bounds__(256) own_params(
    float* dw, const float* w, const float* x, const float* y, const float* saved, const float* dy, int rows,
    unsigned int seed_low, unsigned int seed_high, unsigned int stream, const unsigned int* step
) {
    using L = typename P::Of;
    auto& of_threads = shared<float[256]>();
    const int of_block = int(threadIdx.x) % TOGETHER, i = int(blockIdx.x) * TOGETHER + of_block;
    float sum = 0.0f;
    if (i < P::LEN) {
        for (int row = int(threadIdx.x) / TOGETHER; row < rows; row += 256 / TOGETHER) {
            const own::Call call{TRAINING, row, rows, {{seed_low, seed_high}, {step[0], step[1]}, stream}};
            sum += P::call(call, own::weights<L>(w, x), own::batch<L>(x, y, saved, dy)[row], i);
        }
    }
    of_threads[threadIdx.x] = sum;
    __syncthreads();
    if (int(threadIdx.x) < TOGETHER && i < P::LEN) {
        for (int other = of_block + TOGETHER; other < 256; other += TOGETHER) sum += of_threads[other];
        put<ACC>(&dw[i], sum);
    }
}

// The new P, which is state. A block has an element.
template <class P>
__global__ void own_state(
    float* next, const float* w, const float* x, const float* y, const float* saved, const float* dy, int rows,
    unsigned int seed_low, unsigned int seed_high, unsigned int stream, const unsigned int* step
) {
    using L = typename P::Of;
    const int i = int(blockIdx.x);
    const own::Call call{true, 0, rows, {{seed_low, seed_high}, {step[0], step[1]}, stream}};
    const float found = P::call(call, own::weights<L>(w, x), own::batch<L>(x, y, saved, dy), i);
    if (threadIdx.x == 0) next[i] = found;
}
