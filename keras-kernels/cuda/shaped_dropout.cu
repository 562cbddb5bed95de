// Dropout by a mask that has some of the sample's DIMS: src/shaped_dropout. The backward pass draws the same mask again.
#include "dims.cuh"
#include "philox.cuh"

// y = x · scale + shift where a number of the stream is at least `rate`, otherwise `dropped`; or y += that if ACC. Each sample has
// a mask of its own if BY_SAMPLE. `step` is the count of steps in two words, low half first. A thread has one of `len` elements.
template <bool BY_SAMPLE, bool ACC, class... DIMS>
__global__ void shaped_dropout(
    float* y, const float* x, int len, float rate, float scale, float shift, float dropped, unsigned int seed_low,
    unsigned int seed_high, unsigned int stream, const unsigned int* step
) {
    using All = Dimensions<DIMS...>;
    const int i = thread_of_launch();
    if (i >= len) return;
    const unsigned int index = (unsigned int)((BY_SAMPLE ? i / All::ALL * All::OWN : 0) + All::own(i % All::ALL));
    const Words words = philox_block({{seed_low, seed_high}, {step[0], step[1]}, stream}, philox_block_of(index));
    const bool keep = philox_uniform(words.of[philox_word_of(index)]) >= rate;
    put<ACC>(&y[i], keep ? x[i] * scale + shift : dropped);
}
