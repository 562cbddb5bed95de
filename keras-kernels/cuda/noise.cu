// Normal noise: src/noise. The backward pass draws the same again.
#include "numbers.cuh"
#include "philox.cuh"

// y = x + stddev · N, or x · (1 + stddev · N) if MULTIPLIED; or y += that if ACC. `step` is the count of steps in two words, low
// half first.
//
// A thread draws a block, which is four numbers by Box and Muller's method: words 0 and 1 are the radius and the angle of the
// first two, words 2 and 3 those of the others. Indices lie as those of dropout.
template <bool MULTIPLIED, bool ACC>
__global__ void noise(
    float* y, const float* x, int len, float stddev, unsigned int seed_low, unsigned int seed_high, unsigned int stream,
    const unsigned int* step
) {
    const unsigned int block = (unsigned int)thread_of_launch();
    if (philox_index(block, 0) >= len) return;
    const Words words = philox_block({{seed_low, seed_high}, {step[0], step[1]}, stream}, block);
    for (int word = 0; word < 4; ++word) {
        const int i = philox_index(block, word);
        if (i >= len) break;
        const float normal = philox_normal(words, word);
        put<ACC>(&y[i], MULTIPLIED ? x[i] * fmaf(stddev, normal, 1.0f) : fmaf(stddev, normal, x[i]));
    }
}
