// Elementwise work: chains of steps, each of which gives a number for each element. A chain is one launch; what only its next steps
// need stays in registers.
//
// A thread has four elements, whose indices lie 16 apart; 16 threads in a row have 16 elements in a row four times. These are the
// four that a block of random numbers is for (philox.cuh).
#include "activation.cuh"
#include "dims.cuh"
#include "philox.cuh"
#include "round.cuh"

namespace step {

constexpr int ITEMS = 4;

// What a chain works on: its arrays, the streams that it draws from, and the elements of this thread.
struct Work {
    float* y[4];
    const float* x[10];
    // By stream, the seed in two words and the stream's number; the count of steps in two words, low half first.
    unsigned int words[2][3];
    const unsigned int* count;
    unsigned int block;
    int len;

    __device__ int at(int item) const { return philox_index(block, item); }

    __device__ Words draw(int stream) const {
        const unsigned int* own = words[stream];
        return philox_block({{own[0], own[1]}, {count[0], count[1]}, own[2]}, block);
    }
};

// The numbers that a step gives, one for each element of the thread; and those of all steps before.
struct Value {
    float own[ITEMS];

    __device__ float operator[](int item) const { return own[item]; }
    __device__ float& operator[](int item) { return own[item]; }
};
using Values = const Value*;

// Which element of an array belongs to element i: the same, that of its column or of its row in rows of N, or that of the dimensions
// of a sample that the array has too.
struct Same {
    static __device__ int of(int i) { return i; }
};
template <int N>
struct Column {
    static __device__ int of(int i) { return i % N; }
};
template <int N>
struct Row {
    static __device__ int of(int i) { return i / N; }
};
template <class... DIMS>
struct Own {
    using All = Dimensions<DIMS...>;
    static __device__ int of(int i) { return All::own(i % All::ALL); }
};

// Array K.
template <int K, class Index>
struct Read {
    static __device__ void take(const Work& work, Values, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = work.at(e) < work.len ? work.x[K][Index::of(work.at(e))] : 0.0f;
    }
};

// Step V, to array K.
template <int K, int V>
struct Write {
    static __device__ void take(const Work& work, Values v, Value&) {
        for (int e = 0; e < ITEMS; ++e) {
            if (work.at(e) < work.len) work.y[K][work.at(e)] = v[V][e];
        }
    }
};

struct One {
    static __device__ void take(const Work&, Values, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = 1.0f;
    }
};

template <int A, int B>
struct Sum {
    static __device__ void take(const Work&, Values v, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = v[A][e] + v[B][e];
    }
};

// Floats that are constants are given by their bits.
__device__ inline float number(unsigned int bits) { return __int_as_float(int(bits)); }

template <Word ACT, int X, unsigned int A, unsigned int B, unsigned int C, unsigned int D>
struct Activate {
    static __device__ void take(const Work&, Values v, Value& y) {
        const Numbers of{number(A), number(B), number(C), number(D)};
        for (int e = 0; e < ITEMS; ++e) y[e] = activate<ACT>(v[X][e], of);
    }
};

template <Word ACT, int DY, int SAVED, unsigned int A, unsigned int B, unsigned int C, unsigned int D>
struct ActivateBackward {
    static __device__ void take(const Work&, Values v, Value& dx) {
        const Numbers of{number(A), number(B), number(C), number(D)};
        for (int e = 0; e < ITEMS; ++e) dx[e] = activate_backward<ACT>(v[DY][e], v[SAVED][e], of);
    }
};

// Two inputs merged, or one more with those before it.
template <Word MERGE>
__device__ inline float merged(float a, float b) {
    if constexpr (MERGE == SUBTRACT) return a - b;
    if constexpr (MERGE == MULTIPLY) return a * b;
    if constexpr (MERGE == AVERAGE) return a + b;
    if constexpr (MERGE == MAXIMUM) return larger(b, a);
    return -larger(-b, -a);
}

template <Word MERGE, int... XS>
struct Merge {
    static __device__ void take(const Work&, Values v, Value& y) {
        constexpr int COUNT = sizeof...(XS), inputs[] = {XS...};
        for (int e = 0; e < ITEMS; ++e) {
            float all = v[inputs[0]][e];
            for (int k = 1; k < COUNT; ++k) all = merged<MERGE>(all, v[inputs[k]][e]);
            y[e] = MERGE == AVERAGE ? all * (1.0f / COUNT) : all;
        }
    }
};

// The slope of the inputs x merged by input OWN. The largest are found one after the other, and where two are equal each has half.
template <Word MERGE, int OWN, int COUNT>
__device__ inline float merged_slope(const float (&x)[COUNT]) {
    if constexpr (MERGE == SUBTRACT) return OWN == 0 ? 1.0f : -1.0f;
    if constexpr (MERGE == AVERAGE) return 1.0f / COUNT;
    float slope = 1.0f;
    if constexpr (MERGE == MULTIPLY) {
        for (int k = 0; k < COUNT; ++k) slope *= k == OWN ? 1.0f : x[k];
    } else {
        const float sign = MERGE == MAXIMUM ? 1.0f : -1.0f;
        float top = sign * x[0];
        for (int k = 1; k < COUNT; ++k) {
            const float next = sign * x[k];
            if (k == OWN) slope = next == top ? 0.5f : next > top ? 1.0f : 0.0f;
            if (k > OWN) slope *= top == next ? 0.5f : top > next ? 1.0f : 0.0f;
            top = larger(next, top);
        }
    }
    return slope;
}

template <Word MERGE, int OWN, int DY, int... XS>
struct MergeBackward {
    static __device__ void take(const Work&, Values v, Value& dx) {
        for (int e = 0; e < ITEMS; ++e) {
            const float x[] = {v[XS][e]...};
            dx[e] = v[DY][e] * merged_slope<MERGE, OWN>(x);
        }
    }
};

template <Word TO, int X>
struct Round {
    static __device__ void take(const Work&, Values v, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = rounded<TO>(v[X][e]);
    }
};

// Dropout: src/dropout. x / (1 - rate) where a number of the stream is at least the rate, otherwise 0.
template <int X, unsigned int RATE, int STREAM>
struct Drop {
    static __device__ void take(const Work& work, Values v, Value& y) {
        const Words words = work.draw(STREAM);
        const float rate = number(RATE), scale = 1.0f / (1.0f - rate);
        for (int e = 0; e < ITEMS; ++e) y[e] = philox_uniform(words.of[e]) >= rate ? v[X][e] * scale : 0.0f;
    }
};

// Noise: src/noise. x + stddev · N, or x · (1 + stddev · N) if MULTIPLIED. A block of random words is four numbers by Box and
// Muller's method: words 0 and 1 are the radius and the angle of the first two, words 2 and 3 those of the others.
template <bool MULTIPLIED, int X, unsigned int STDDEV, int STREAM>
struct Noisy {
    static __device__ void take(const Work& work, Values v, Value& y) {
        const Words words = work.draw(STREAM);
        for (int e = 0; e < ITEMS; ++e) {
            const float normal = philox_normal(words, e), stddev = number(STDDEV), x = v[X][e];
            y[e] = MULTIPLIED ? x * fmaf(stddev, normal, 1.0f) : fmaf(stddev, normal, x);
        }
    }
};

// Whether a row counts, by its mask of 1 or 0: src/mask.
__device__ inline bool counts(float m) { return m > 0.5f; }

template <int X, int M, unsigned int FILL>
struct Mask {
    static __device__ void take(const Work&, Values v, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = counts(v[M][e]) ? v[X][e] : number(FILL);
    }
};

// dy in rows that count if COUNT, or in the others if not, and elsewhere 0.
template <bool COUNT, int DY, int M>
struct MaskBackward {
    static __device__ void take(const Work&, Values v, Value& dx) {
        for (int e = 0; e < ITEMS; ++e) dx[e] = counts(v[M][e]) == COUNT ? v[DY][e] : 0.0f;
    }
};

// a in rows that count, b in the others.
template <int A, int B, int M>
struct Select {
    static __device__ void take(const Work&, Values v, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = counts(v[M][e]) ? v[A][e] : v[B][e];
    }
};

// src/prelu: x above 0, alpha · x below.
template <int X, int ALPHA>
struct PRelu {
    static __device__ void take(const Work&, Values v, Value& y) {
        for (int e = 0; e < ITEMS; ++e) y[e] = v[X][e] > 0.0f ? v[X][e] : v[ALPHA][e] * v[X][e];
    }
};

// dy above 0, alpha · dy below, 0 at 0.
template <int DY, int X, int ALPHA>
struct PReluBackward {
    static __device__ void take(const Work&, Values v, Value& dx) {
        for (int e = 0; e < ITEMS; ++e) {
            const float below = v[X][e] < 0.0f ? v[ALPHA][e] * v[DY][e] : 0.0f;
            dx[e] = v[X][e] > 0.0f ? v[DY][e] : below;
        }
    }
};

}  // namespace step

// A chain for `len` elements. Arrays and streams that it does not use are null or 0.
template <class... STEPS>
__global__ void elementwise(
    float* y0, float* y1, float* y2, float* y3, const float* x0, const float* x1, const float* x2, const float* x3,
    const float* x4, const float* x5, const float* x6, const float* x7, const float* x8, const float* x9,
    unsigned int low0, unsigned int high0, unsigned int stream0, unsigned int low1, unsigned int high1,
    unsigned int stream1, const unsigned int* count, int len
) {
    const step::Work work{
        {y0, y1, y2, y3},
        {x0, x1, x2, x3, x4, x5, x6, x7, x8, x9},
        {{low0, high0, stream0}, {low1, high1, stream1}},
        count,
        (unsigned int)thread_of_launch(),
        len,
    };
    if (work.at(0) >= len) return;
    step::Value values[sizeof...(STEPS)] = {};
    int next = 0;
    (STEPS::take(work, values, values[next++]), ...);
}
