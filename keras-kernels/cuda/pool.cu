// The largest or the mean of what each window sees: src/pool. Samples are positions of N features in three dimensions, and those
// of the output a position for each window. POOL is MAXIMUM or AVERAGE.
#include "numbers.cuh"
#include "shared.cuh"
#include "words.cuh"

// One dimension: positions of the input, and of a window the taps, its distance from the next one, and how far before the input
// the first one begins; and how many there are. PoolWindows without a distance are adaptive. Positions beyond the input are not seen.
template <int POSITIONS, int TAPS, int STRIDE, int BEFORE, int COUNT>
struct PoolWindows {
    static constexpr int LEN = POSITIONS, WINDOWS = COUNT;

    // ⌊at · of / by⌋ and ⌈at · of / by⌉, whose product may be longer than an int.
    static __device__ int share(int at, int of, int by) { return int((long long)at * of / by); }
    static __device__ int share_up(int at, int of, int by) { return int(((long long)at * of + by - 1) / by); }

    // Where what window `o` sees begins, and where it ends.
    static __device__ int begin(int o) {
        if constexpr (STRIDE == 0) {
            return share(o, LEN, COUNT);
        } else {
            const int first = o * STRIDE - BEFORE;
            return first > 0 ? first : 0;
        }
    }
    static __device__ int end(int o) {
        if constexpr (STRIDE == 0) {
            return share_up(o + 1, LEN, COUNT);
        } else {
            const int end = o * STRIDE - BEFORE + TAPS;
            return end < LEN ? end : LEN;
        }
    }

    // The first window that sees position `p`, and the one behind the last.
    static __device__ int first(int p) {
        if constexpr (STRIDE == 0) {
            return share(p, COUNT, LEN);
        } else {
            const int over = p + BEFORE - TAPS;
            return over < 0 ? 0 : over / STRIDE + 1;
        }
    }
    static __device__ int last(int p) {
        if constexpr (STRIDE == 0) {
            return share_up(p + 1, COUNT, LEN);
        } else {
            const int last = (p + BEFORE) / STRIDE + 1;
            return last < COUNT ? last : COUNT;
        }
    }
};

// What a window sees, as [begin, end) in each dimension.
template <class A, class B, class C>
struct Pooled {
    int a, a_end, b, b_end, c, c_end;

    __device__ Pooled(int o, int p, int q)
        : a(A::begin(o)), a_end(A::end(o)), b(B::begin(p)), b_end(B::end(p)), c(C::begin(q)), c_end(C::end(q)) {}

    // How many positions there are.
    __device__ int count() const {
        return a < a_end && b < b_end && c < c_end ? (a_end - a) * (b_end - b) * (c_end - c) : 0;
    }

    // What each of them counts in their mean.
    __device__ float share() const { return count() > 0 ? 1.0f / float(count()) : 0.0f; }

    // Number `s` of them.
    __device__ int position(int s) const {
        const int line = s / (c_end - c), plane = line / (b_end - b);
        return ((a + plane) * B::LEN + b + line % (b_end - b)) * C::LEN + c + s % (c_end - c);
    }

    // Calls visit(position) for each in order, until one says that it is enough.
    template <class Visit>
    __device__ void each(Visit visit) const {
        for (int i = a; i < a_end; ++i) {
            for (int j = b; j < b_end; ++j) {
                for (int k = c; k < c_end; ++k) {
                    if (visit((i * B::LEN + j) * C::LEN + k)) return;
                }
            }
        }
    }
};

// y = what becomes of each window; 0 where one sees nothing. A thread has one of `len` elements.
template <Word POOL, int N, class A, class B, class C>
__global__ void pool_forward(float* y, const float* x, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int window = i / N, line = window / C::WINDOWS, plane = line / B::WINDOWS;
    const Pooled<A, B, C> seen(plane % A::WINDOWS, line % B::WINDOWS, window % C::WINDOWS);
    x += size_t(plane / A::WINDOWS) * (A::LEN * B::LEN * C::LEN * N) + i % N;
    float sum = 0.0f;
    bool any = false;
    seen.each([&](int at) {
        const float of = x[size_t(at) * N];
        sum = !any ? of : POOL == MAXIMUM ? larger(sum, of) : sum + of;
        any = true;
        return false;
    });
    y[i] = POOL == MAXIMUM ? sum : sum * seen.share();
}

// The same for windows that see much. A block of 256 threads has 32 features of a window: its warps take turns with the positions,
// each lane with a feature; then the first warp puts together what the eight warps have. The grid has the windows along x.
template <Word POOL, int N, class A, class B, class C>
__global__ void __launch_bounds__(256) pool_wide(float* y, const float* x) {
    auto& of_warps = shared<float[8][32]>();
    const int warp = int(threadIdx.x) / 32, lane = int(threadIdx.x) % 32, i = int(blockIdx.y) * 32 + lane;
    const int window = int(blockIdx.x), line = window / C::WINDOWS, plane = line / B::WINDOWS;
    const Pooled<A, B, C> seen(plane % A::WINDOWS, line % B::WINDOWS, window % C::WINDOWS);
    x += size_t(plane / A::WINDOWS) * (A::LEN * B::LEN * C::LEN * N) + i;
    const int count = seen.count();
    float sum = POOL == MAXIMUM ? -infinity() : 0.0f;
    if (i < N) {
        for (int s = warp; s < count; s += 8) {
            const float of = x[size_t(seen.position(s)) * N];
            sum = POOL == MAXIMUM ? larger(sum, of) : sum + of;
        }
    }
    of_warps[warp][lane] = sum;
    __syncthreads();
    if (warp > 0 || i >= N) return;
    for (int other = 1; other < 8; ++other) {
        sum = POOL == MAXIMUM ? larger(sum, of_warps[other][lane]) : sum + of_warps[other][lane];
    }
    y[size_t(window) * N + i] = count == 0 ? 0.0f : POOL == MAXIMUM ? sum : sum * seen.share();
}

// dx = the sum of what windows give of dy, or dx += that if ACC: the mean gives each position the same, the largest all of it to
// the first position that has it. `x` and `y` are null for the mean. A thread has one of `len` elements.
template <Word POOL, int N, class A, class B, class C, bool ACC>
__global__ void pool_backward(float* dx, const float* dy, const float* x, const float* y, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int at = i / N, line = at / C::LEN, plane = line / B::LEN;
    const int sample = plane / A::LEN, first_window = sample * (A::WINDOWS * B::WINDOWS * C::WINDOWS);
    const int position = at - sample * (A::LEN * B::LEN * C::LEN);
    const int a = plane % A::LEN, b = line % B::LEN, c = at % C::LEN;
    float sum = ACC ? dx[i] : 0.0f;
    for (int o = A::first(a); o < A::last(a); ++o) {
        for (int p = B::first(b); p < B::last(b); ++p) {
            for (int q = C::first(c); q < C::last(c); ++q) {
                const Pooled<A, B, C> seen(o, p, q);
                const size_t out = size_t(first_window + (o * B::WINDOWS + p) * C::WINDOWS + q) * N + i % N;
                if constexpr (POOL == MAXIMUM) {
                    const float most = y[out];
                    if (x[i] != most) continue;
                    int first = position;
                    seen.each([&](int other) {
                        first = other;
                        return other == position || x[i + (other - position) * N] == most;
                    });
                    if (first == position) sum += dy[out];
                } else {
                    sum += dy[out] * seen.share();
                }
            }
        }
    }
    dx[i] = sum;
}
