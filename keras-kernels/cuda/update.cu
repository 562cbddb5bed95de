// Optimizers: src/sgd, src/adam. One launch updates all weights: a block has a piece of them, of which the table says in three
// words where it begins, how long it is, and whether it decays. A thread has every 256th weight of the piece.
//
// What changes from step to step lies in `control`, four numbers for each step: the rate, what decays, how much of the moving
// average stays, and whether the average takes the place of the weights. now[1] says which step it is.
#include "numbers.cuh"

// The numbers of the step and the piece of the block.
struct Step {
    float rate, decay, stays;
    bool overwrite;
    int at, len;

    __device__ Step(const unsigned int* pieces, const float* control, const unsigned int* now) {
        const unsigned int* piece = pieces + size_t(blockIdx.x) * 3;
        const float* of = control + size_t(now[1]) * 4;
        rate = of[0];
        decay = piece[2] == 1 ? of[1] : 0.0f;
        stays = of[2];
        overwrite = of[3] == 1.0f;
        at = int(piece[0]);
        len = int(piece[1]);
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

// A gradient between -limit and limit; NaN stays.
__device__ inline float clipped(float g, float limit) { return held(g, -limit, limit); }

// w -= rate · g, or by way of `velocities` if MOMENTUM: v = momentum · v - rate · g, and w += v, or if NESTEROV
// w += momentum · v - rate · g.
template <bool MOMENTUM, bool NESTEROV, bool EMA>
__global__ void sgd(
    float* weights, const float* grads, float* velocities, float* averages, const unsigned int* pieces,
    const float* control, const unsigned int* now, float momentum, float limit
) {
    const Step step(pieces, control, now);
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        const float g = clipped(grads[i], limit);
        float by = -step.rate * g;
        if constexpr (MOMENTUM) {
            const float v = momentum * velocities[i] + by;
            velocities[i] = v;
            by = NESTEROV ? momentum * v + by : v;
        }
        step.write<EMA>(weights, averages, i, step.decayed(weights[i]) + by);
    }
}

// Moving means m of the gradient and v of its square, of which AMSGRAD keeps the largest in `vhats`; w -= rate · m / (√v + epsilon).
// The rate has been corrected for the step.
template <bool AMSGRAD, bool EMA>
__global__ void adam(
    float* weights, const float* grads, float* ms, float* vs, float* vhats, float* averages,
    const unsigned int* pieces, const float* control, const unsigned int* now, float beta_1, float beta_2,
    float epsilon, float limit
) {
    const Step step(pieces, control, now);
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        const float g = clipped(grads[i], limit);
        const float m = ms[i] + (g - ms[i]) * (1.0f - beta_1);
        float v = vs[i] + (g * g - vs[i]) * (1.0f - beta_2);
        ms[i] = m;
        vs[i] = v;
        if constexpr (AMSGRAD) {
            v = larger(vhats[i], v);
            vhats[i] = v;
        }
        step.write<EMA>(weights, averages, i, step.decayed(weights[i]) - step.rate * m / (sqrtf(v) + epsilon));
    }
}
