// More positions along one dimension, by interpolation: src/interpolate. The input is any number of times N positions of INNER
// elements, the output has SIZE positions for each. The positions within RADIUS count, by WEIGHTS: for each of the SIZE, 2 RADIUS
// floats as their bits. A thread has one of `len` elements of what it writes.
#include "numbers.cuh"

template <int N, int SIZE, int RADIUS, unsigned int... WEIGHTS>
struct Taps {
    static constexpr int COUNT = 2 * RADIUS;
    static_assert(sizeof...(WEIGHTS) == SIZE * COUNT);

    static __device__ float table(int at) {
        constexpr unsigned int all[] = {WEIGHTS...};
        return __uint_as_float(all[at]);
    }

    // How far before position i the first one lies that counts for its `p`th.
    static __device__ int back(int p) { return RADIUS - 1 + (2 * p + 1 < SIZE ? 1 : 0); }

    // Which positions there are for the `p`th of position i, as [from, to) of those that count.
    static __device__ int from(int i, int p) { return i < back(p) ? back(p) - i : 0; }
    static __device__ int to(int i, int p) { return i - back(p) + COUNT < N ? COUNT : N - i + back(p); }

    // What weights are multiplied with, so that those that are there add up to 1.
    static __device__ float scale(int i, int p) {
        if (to(i, p) - from(i, p) == COUNT) return 1.0f;
        float sum = 0.0f;
        for (int k = from(i, p); k < to(i, p); ++k) sum += table(p * COUNT + k);
        return 1.0f / sum;
    }
};

// y = weighted sums of positions of x.
template <int N, int SIZE, int INNER, int RADIUS, unsigned int... WEIGHTS>
__global__ void interpolate_forward(float* y, const float* x, int len) {
    using All = Taps<N, SIZE, RADIUS, WEIGHTS...>;
    const int at = thread_of_launch();
    if (at >= len) return;
    const int position = at / INNER, p = position % SIZE, i = position / SIZE % N;
    x += size_t(position / (SIZE * N)) * (N * INNER) + at % INNER;
    const float scale = All::scale(i, p);
    const int first = i - All::back(p);
    float sum = 0.0f;
    for (int k = All::from(i, p); k < All::to(i, p); ++k) {
        sum = fmaf(All::table(p * All::COUNT + k) * scale, x[size_t(first + k) * INNER], sum);
    }
    y[at] = sum;
}

// dx = the sum of what of dy came from each position, by the same weights, or dx += that if ACC.
template <bool ACC, int N, int SIZE, int INNER, int RADIUS, unsigned int... WEIGHTS>
__global__ void interpolate_backward(float* dx, const float* dy, int len) {
    using All = Taps<N, SIZE, RADIUS, WEIGHTS...>;
    const int at = thread_of_launch();
    if (at >= len) return;
    const int position = at / INNER, q = position % N;
    dy += size_t(position / N) * (N * SIZE * INNER) + at % INNER;
    float sum = 0.0f;
    for (int p = 0; p < SIZE; ++p) {
        for (int k = 0; k < All::COUNT; ++k) {
            // Position i has this one as its `k`th.
            const int i = q + All::back(p) - k;
            if (i < 0 || i >= N) continue;
            sum = fmaf(All::table(p * All::COUNT + k) * All::scale(i, p), dy[size_t(i * SIZE + p) * INNER], sum);
        }
    }
    put<ACC>(&dx[at], sum);
}
