// Optimizers: src/sgd, src/adam. One launch updates all weights, by pieces of them.
#include "pieces.cuh"

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
    if (step.left_out) return;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        if (!step.update) {
            step.write<EMA>(weights, averages, i, weights[i]);
            continue;
        }
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
    if (step.left_out) return;
    for (int j = int(threadIdx.x); j < step.len; j += int(blockDim.x)) {
        const int i = step.at + j;
        if (!step.update) {
            step.write<EMA>(weights, averages, i, weights[i]);
            continue;
        }
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
