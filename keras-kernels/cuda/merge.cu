// Inputs merged element by element: src/merge. The first COUNT of eight inputs are there. A thread has one element.
#include "numbers.cuh"
#include "words.cuh"

constexpr int MOST_MERGED = 8;

struct Merged {
    const float* of[MOST_MERGED];
};

// What two numbers become. The larger and the smaller are those of IEEE 754, which prefer a number to NaN.
template <int MERGE>
__device__ inline float merged(float a, float b) {
    if constexpr (MERGE == SUBTRACT) return a - b;
    if constexpr (MERGE == MULTIPLY) return a * b;
    if constexpr (MERGE == MAXIMUM) return fmaxf(a, b);
    if constexpr (MERGE == MINIMUM) return fminf(a, b);
    return a + b;
}

// y = all inputs, merged one after the other.
template <int MERGE, int COUNT>
__global__ void merge_forward(
    float* y, int len, const float* a, const float* b, const float* c, const float* d, const float* e, const float* f,
    const float* g, const float* h
) {
    const Merged x = {{a, b, c, d, e, f, g, h}};
    const int i = thread_of_launch();
    if (i >= len) return;
    float value = x.of[0][i];
    for (int j = 1; j < COUNT; ++j) value = merged<MERGE>(value, x.of[j][i]);
    y[i] = MERGE == AVERAGE ? value * (1.0f / COUNT) : value;
}

// What input INDEX has of the gradient of the largest, found one after the other: half where two are equal. `sign` is -1 for the
// smallest.
template <int COUNT, int INDEX>
__device__ inline float share_of_largest(const Merged& x, int i, float sign) {
    float top = sign * x.of[0][i], share = 1.0f;
    for (int j = 1; j < COUNT; ++j) {
        const float value = sign * x.of[j][i];
        const float own = j == INDEX ? value : top, other = j == INDEX ? top : value;
        const float part = own == other ? 0.5f : own > other ? 1.0f : 0.0f;
        if (j == INDEX) share = part;
        if (j > INDEX) share *= part;
        top = fmaxf(value, top);
    }
    return share;
}

// dx = the gradient of input INDEX, or dx += that if ACC.
template <int MERGE, int COUNT, int INDEX, bool ACC>
__global__ void merge_backward(
    float* dx, const float* dy, int len, const float* a, const float* b, const float* c, const float* d, const float* e,
    const float* f, const float* g, const float* h
) {
    const Merged x = {{a, b, c, d, e, f, g, h}};
    const int i = thread_of_launch();
    if (i >= len) return;
    float factor = 1.0f;
    if constexpr (MERGE == SUBTRACT) factor = INDEX == 0 ? 1.0f : -1.0f;
    if constexpr (MERGE == AVERAGE) factor = 1.0f / COUNT;
    if constexpr (MERGE == MULTIPLY) {
        for (int j = 0; j < COUNT; ++j) factor *= j == INDEX ? 1.0f : x.of[j][i];
    }
    if constexpr (MERGE == MAXIMUM) factor = share_of_largest<COUNT, INDEX>(x, i, 1.0f);
    if constexpr (MERGE == MINIMUM) factor = share_of_largest<COUNT, INDEX>(x, i, -1.0f);
    put<ACC>(&dx[i], dy[i] * factor);
}
