// Rectified linear unit whose slope below 0 is learnt: src/prelu. Slopes have those of the sample's DIMS that are their own.
#include "dims.cuh"
#include "shared.cuh"

// d = Σ x · dy over all elements below 0 that share the slope, of m samples, or d += that if ACC.
//
// A block of 256 threads has TOGETHER slopes, a power of two. Threads in a row have slopes in a row, and those of the same slope
// take turns with the elements; then one for each slope adds up what they have, in their order. Behind each other, in y, there
// is a block for each part of the sum: `share` samples, which go to a d of their own.
template <int TOGETHER, bool ACC, class... DIMS>
__global__ void __launch_bounds__(256) prelu_slopes(float* d, const float* x, const float* dy, int m, int share) {
    auto& of_threads = shared<float[256]>();
    using All = Dimensions<DIMS...>;
    const int of_block = int(threadIdx.x) % TOGETHER, j = int(blockIdx.x) * TOGETHER + of_block;
    const int from = int(blockIdx.y) * share, samples = m - from < share ? m - from : share;
    float sum = 0.0f;
    if (j < All::OWN) {
        for (int turn = int(threadIdx.x) / TOGETHER; turn < samples * All::SHARE; turn += 256 / TOGETHER) {
            const size_t i = size_t(from + turn / All::SHARE) * All::ALL + All::element(j, turn % All::SHARE);
            if (x[i] < 0.0f) sum = fmaf(x[i], dy[i], sum);
        }
    }
    of_threads[threadIdx.x] = sum;
    __syncthreads();
    if (int(threadIdx.x) < TOGETHER && j < All::OWN) {
        for (int other = of_block + TOGETHER; other < 256; other += TOGETHER) sum += of_threads[other];
        put<ACC>(&d[size_t(blockIdx.y) * All::OWN + j], sum);
    }
}
