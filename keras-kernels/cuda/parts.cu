// Sums whose parts were added up by themselves.
#include "numbers.cuh"

// y = Σ of `count` parts of `len` elements each, which lie one behind the other, in their order; or y += that if ACC. A thread has an
// element.
template <bool ACC>
__global__ void parts_sum(float* y, const float* parts, int len, int count) {
    const int i = thread_of_launch();
    if (i >= len) return;
    float sum = 0.0f;
    for (int part = 0; part < count; ++part) sum += parts[size_t(part) * len + i];
    put<ACC>(&y[i], sum);
}
