// Rounding to the numbers of a smaller format: src/round.
#pragma once

#include "numbers.cuh"
#include "words.cuh"

// x without its last `DROPPED` bits: half of what they count is added before they are taken away, less one for an even number.
template <int DROPPED>
__device__ inline float shortened(float x) {
    const unsigned int bits = (unsigned int)__float_as_int(x);
    const unsigned int half = (1u << (DROPPED - 1)) - 1u + ((bits >> DROPPED) & 1u);
    return __int_as_float((int)(((bits + half) >> DROPPED) << DROPPED));
}

template <Word TO>
__device__ inline float rounded(float x) {
    if (TO == FLOAT32 || is_nan(x)) return x;
    if (TO == BFLOAT16) return shortened<16>(x);
    const float size = x < 0.0f ? -x : x;
    // Below the smallest normal number of half precision the quantum is that of 0.5.
    const float usual = shortened<13>(size);
    const float nearest = size < 1.0f / 16384.0f ? (size + 0.5f) - 0.5f : usual > 65504.0f ? infinity() : usual;
    const unsigned int sign = (unsigned int)__float_as_int(x) & 0x80000000u;
    return __int_as_float((int)((unsigned int)__float_as_int(nearest) | sign));
}
