// Random numbers by seed and index: Philox4x32-10, the stream of src/philox bit for bit, which tells how an index is found in it.
#pragma once

// Which sequence of random numbers is meant; 64-bit numbers have their low half first.
struct Key {
    unsigned int seed[2];
    unsigned int step[2];
    unsigned int stream;
};

// Four random words.
struct Words {
    unsigned int of[4];
};

// Block `block` of a key, less than 2⁴⁸.
__device__ inline Words philox_block(Key key, unsigned long long block) {
    unsigned int a = (unsigned int)block, b = key.step[1] << 16 | ((unsigned int)(block >> 32) & 0xffffu);
    unsigned int c = key.step[0], d = key.stream;
    unsigned int k = key.seed[0], l = key.seed[1];
    for (int round = 0; round < 10; ++round) {
        const unsigned int p_high = __umulhi(0xd2511f53u, a), p_low = 0xd2511f53u * a;
        const unsigned int q_high = __umulhi(0xcd9e8d57u, c), q_low = 0xcd9e8d57u * c;
        a = q_high ^ b ^ k;
        b = q_low;
        c = p_high ^ d ^ l;
        d = p_low;
        k += 0x9e3779b9u;
        l += 0xbb67ae85u;
    }
    return {{a, b, c, d}};
}

// The index of word `word` of a block: 16 indices in a row are one word of 16 blocks in a row.
__device__ inline int philox_index(unsigned int block, int word) { return int(block / 16 * 64 + block % 16) + 16 * word; }

// The other way: the block that an index lies in, and the word.
__device__ inline unsigned int philox_block_of(unsigned int index) { return index / 64 * 16 + index % 16; }
__device__ inline unsigned int philox_word_of(unsigned int index) { return index / 16 % 4; }

// A multiple of 2⁻²⁴ in [0, 1).
__device__ inline float philox_uniform(unsigned int bits) { return float(int(bits >> 8)) * (1.0f / 16777216.0f); }

// The number from the normal distribution that belongs to a word, by Box and Muller's method: that word of the block and the one
// beside it give two, of which the even word has the one with the cosine.
__device__ inline float philox_normal(const Words& words, int word) {
    // 1 − u is never 0, whose logarithm is infinite; both, and 2 v, are exact.
    const float u = philox_uniform(words.of[word & 2]), v = philox_uniform(words.of[word | 1]);
    const float radius = sqrtf(-2.0f * logf(1.0f - u));
    return radius * (word % 2 == 0 ? cospif(2.0f * v) : sinpif(2.0f * v));
}
