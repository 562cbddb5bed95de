// Inputs merged element by element: src/merge. There are COUNT of them; the pointers behind are null. A thread has one of `len`
// elements.
#include "numbers.cuh"
#include "words.cuh"

// One element of each input.
template <int COUNT>
struct Elements {
    float of[COUNT];

    __device__ Elements(const float* const* xs, int i) {
        for (int k = 0; k < COUNT; ++k) of[k] = xs[k][i];
    }
};

// y = the inputs merged.
template <Word MERGE, int COUNT>
__global__ void merge_forward(
    float* y, int len, const float* x0, const float* x1, const float* x2, const float* x3, const float* x4,
    const float* x5, const float* x6, const float* x7
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const float* const xs[] = {x0, x1, x2, x3, x4, x5, x6, x7};
    const Elements<COUNT> x(xs, i);
    float sum = x.of[0];
    for (int k = 1; k < COUNT; ++k) {
        if constexpr (MERGE == SUBTRACT) sum -= x.of[k];
        if constexpr (MERGE == MULTIPLY) sum *= x.of[k];
        if constexpr (MERGE == AVERAGE) sum += x.of[k];
        if constexpr (MERGE == MAXIMUM) sum = larger(x.of[k], sum);
        if constexpr (MERGE == MINIMUM) sum = -larger(-x.of[k], -sum);
    }
    y[i] = MERGE == AVERAGE ? sum * (1.0f / COUNT) : sum;
}

// dx = dy times the slope of input OWN, or dx += that if ACC. The largest are found one after the other, and where two are equal
// each has half.
template <Word MERGE, int COUNT, int OWN, bool ACC>
__global__ void merge_backward(
    float* dx, const float* dy, int len, const float* x0, const float* x1, const float* x2, const float* x3,
    const float* x4, const float* x5, const float* x6, const float* x7
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    if constexpr (MERGE == SUBTRACT || MERGE == AVERAGE) {
        const float slope = MERGE == AVERAGE ? 1.0f / COUNT : OWN == 0 ? 1.0f : -1.0f;
        put<ACC>(&dx[i], dy[i] * slope);
    } else {
        const float* const xs[] = {x0, x1, x2, x3, x4, x5, x6, x7};
        const Elements<COUNT> x(xs, i);
        float slope = 1.0f;
        if constexpr (MERGE == MULTIPLY) {
            for (int k = 0; k < COUNT; ++k) slope *= k == OWN ? 1.0f : x.of[k];
        } else {
            const float sign = MERGE == MAXIMUM ? 1.0f : -1.0f;
            float top = sign * x.of[0];
            for (int k = 1; k < COUNT; ++k) {
                const float next = sign * x.of[k];
                if (k == OWN) slope = next == top ? 0.5f : next > top ? 1.0f : 0.0f;
                if (k > OWN) slope *= top == next ? 0.5f : top > next ? 1.0f : 0.0f;
                top = larger(next, top);
            }
        }
        put<ACC>(&dx[i], dy[i] * slope);
    }
}
