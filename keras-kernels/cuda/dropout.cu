// Dropout: src/dropout. The backward pass draws the same mask again.
#include "numbers.cuh"
#include "philox.cuh"

// y = x / (1 - rate) where a number of the stream is at least `rate`, otherwise 0; or y += that if ACC. Without x it is 1 everywhere.
// `step` is the count of steps in two words, low half first.
//
// A thread draws a block of four numbers, whose indices lie 16 apart; 16 threads in a row have 16 elements in a row four times. So
// only the first quarter of the threads has work.
template <bool ACC>
__global__ void dropout(
    float* y, const float* x, int len, float rate, unsigned int seed_low, unsigned int seed_high, unsigned int stream,
    const unsigned int* step
) {
    const unsigned int block = (unsigned int)thread_of_launch();
    if (philox_index(block, 0) >= len) return;
    const Words words = philox_block({{seed_low, seed_high}, {step[0], step[1]}, stream}, block);
    const float scale = 1.0f / (1.0f - rate);
    for (int word = 0; word < 4; ++word) {
        const int i = philox_index(block, word);
        if (i < len) put<ACC>(&y[i], philox_uniform(words.of[word]) >= rate ? (x == nullptr ? 1.0f : x[i]) * scale : 0.0f);
    }
}
