// Elementwise activations: src/activation. A thread has one element.
#include "activation.cuh"

// y = act(x), of `len` elements.
template <Word ACT>
__global__ void activation_forward(float* y, const float* x, int len, float a, float b, float c, float d) {
    const int i = thread_of_launch();
    if (i < len) y[i] = activate<ACT>(x[i], {a, b, c, d});
}

// dx = dy times the slope, or dx += that if ACC. `saved` is what the activation saves; dx may be dy.
template <Word ACT, bool ACC>
__global__ void activation_backward(
    float* dx, const float* dy, const float* saved, int len, float a, float b, float c, float d
) {
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&dx[i], activate_backward<ACT>(dy[i], saved[i], {a, b, c, d}));
}
