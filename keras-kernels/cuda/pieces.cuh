// Pieces of the parameter block: a block of threads has one, of which the table says in six words where it begins, how long it is,
// whether it decays, which is the first of the pieces whose gradients are clipped together, how many those are, and the bits of the
// smallest gradient that counts as infinite. A thread has every
// 256th weight of the piece.
//
// What changes from step to step lies in `control`, five numbers for each step: the rate, what decays, how much of the moving average
// stays, whether the average takes the place of the weights, and whether weights are updated, and not gradients only accumulated. now[1]
// says which step it is, and now[4] whether it is left out.
#pragma once

#include "numbers.cuh"

// The numbers of the step and the piece of the block.
struct Step {
    float rate, decay, stays, infinite;
    bool overwrite, update, left_out;
    int at, len, first, count;

    __device__ Step(const unsigned int* pieces, const float* control, const unsigned int* now) {
        const unsigned int* const piece = pieces + size_t(blockIdx.x) * 6;
        const float* const of = control + size_t(now[1]) * 5;
        rate = of[0];
        decay = piece[2] == 1 ? of[1] : 0.0f;
        stays = of[2];
        overwrite = of[3] == 1.0f;
        left_out = now[4] != 0;
        update = of[4] == 1.0f && !left_out;
        at = int(piece[0]);
        len = int(piece[1]);
        first = int(piece[3]);
        count = int(piece[4]);
        infinite = __int_as_float(int(piece[5]));
    }

    // A weight that has decayed.
    __device__ float decayed(float w) const { return decay == 0.0f ? w : w - decay * w; }

    // Writes weight `i`; its moving average comes along if EMA.
    template <bool EMA>
    __device__ void write(float* weights, float* averages, int i, float w) const {
        if constexpr (EMA) {
            averages[i] = stays * averages[i] + (1.0f - stays) * w;
            if (overwrite) w = averages[i];
        }
        weights[i] = w;
    }
};
