// Windows that move over samples, as keras_shapes::windows has them: three dimensions, the last one fastest.
#pragma once

// One dimension: N positions, OUT windows of K taps; window `out` reads position out · STRIDE + tap · DILATION − BEFORE.
template <int N_, int K_, int STRIDE, int DILATION, int BEFORE, int OUT_>
struct Dim {
    static constexpr int N = N_, K = K_, OUT = OUT_;

    // The position that a tap of a window reads, or -1 if it lies beside the input.
    static __device__ int position(int window, int tap) {
        const int at = window * STRIDE + tap * DILATION - BEFORE;
        return at < N ? at : -1;
    }

    // The window of which a tap reads a position, or less than 0 if there is none.
    static __device__ int window(int position, int tap) {
        const int first = position + BEFORE - tap * DILATION;
        return first % STRIDE == 0 && first < OUT * STRIDE ? first / STRIDE : -1;
    }
};

// All three.
template <class A, class B, class C>
struct Windows {
    static constexpr int POSITIONS = A::N * B::N * C::N;
    static constexpr int TAPS = A::K * B::K * C::K;
    static constexpr int COUNT = A::OUT * B::OUT * C::OUT;

    // The position that a tap of a window reads, or -1 if it lies beside the input.
    static __device__ int position(int window, int tap) {
        const int a = A::position(window / (B::OUT * C::OUT), tap / (B::K * C::K));
        const int b = B::position(window / C::OUT % B::OUT, tap / C::K % B::K);
        const int c = C::position(window % C::OUT, tap % C::K);
        return a < 0 || b < 0 || c < 0 ? -1 : (a * B::N + b) * C::N + c;
    }

    // The window of which a tap reads a position, or -1 if there is none.
    static __device__ int window(int position, int tap) {
        const int a = A::window(position / (B::N * C::N), tap / (B::K * C::K));
        const int b = B::window(position / C::N % B::N, tap / C::K % B::K);
        const int c = C::window(position % C::N, tap % C::K);
        return a < 0 || b < 0 || c < 0 ? -1 : (a * B::OUT + b) * C::OUT + c;
    }
};
