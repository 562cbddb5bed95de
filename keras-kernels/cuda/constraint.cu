// Projections of weights after each update: keras-runtime's constraint.
#include "reduce.cuh"

// now[4] says whether the step is left out.

// Some dimensions of a tensor, the fastest first: how long they are, and how far apart their elements.
template <int... DIMS>
struct Strides;

template <>
struct Strides<> {
    static constexpr int LEN = 1;
    static __device__ int at(int) { return 0; }
};

template <int OWN, int STRIDE, int... REST>
struct Strides<OWN, STRIDE, REST...> {
    static constexpr int LEN = OWN * Strides<REST...>::LEN;
    static __device__ int at(int i) { return i % OWN * STRIDE + Strides<REST...>::at(i / OWN); }
};

// w = 0 where it is less. A thread has one of `len` weights.
__global__ void non_negative(float* w, const unsigned int* now, int len) {
    const int i = thread_of_launch();
    if (now[4] == 0 && i < len && w[i] < 0.0f) w[i] = 0.0f;
}

// Norms over OF_NORM come nearer to being held between `min` and `max`, at this rate; 1e-7 is Keras's epsilon(). A warp has one of OTHERS.
template <class OF_NORM, class OTHERS>
__global__ void to_norms(float* w, const unsigned int* now, float min, float max, float rate) {
    const int warp = thread_of_launch() / WARP;
    if (warp >= OTHERS::LEN || now[4] != 0) return;
    w += OTHERS::at(warp);
    float sum = 0.0f;
    for (int i = lane(); i < OF_NORM::LEN; i += WARP) sum = fmaf(w[OF_NORM::at(i)], w[OF_NORM::at(i)], sum);
    const float norm = sqrtf(warp_sum(sum));
    const float wanted = rate == 1.0f ? held(norm, min, max) : rate * held(norm, min, max) + (1.0f - rate) * norm;
    const float factor = wanted / (1e-7f + norm);
    for (int i = lane(); i < OF_NORM::LEN; i += WARP) w[OF_NORM::at(i)] *= factor;
}
