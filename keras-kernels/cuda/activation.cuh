// Activations and their slopes: the formulas of src/activation/scalar.rs, with the same answers to NaN and infinity.
#pragma once

#include "numbers.cuh"
#include "words.cuh"

// The numbers of an activation, in the order of its fields there.
struct Numbers {
    float a, b, c, d;
};

// What tends to 0 as x tends to -infinity is this times what is 0 there, and not the product of 0 and -infinity.
__device__ inline float finite(float x) { return x < -1e3f ? -1e3f : x; }

// The same at both ends.
__device__ inline float bounded(float x) { return held(x, -1e3f, 1e3f); }

// 0, but NaN for NaN.
__device__ inline float kept_nan(float x) { return is_nan(x) ? x : 0.0f; }

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

__device__ inline float hard_sigmoid(float x) { return held(x * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f); }

// ln (1 + e^x) = max(x, 0) + ln (1 + e^-|x|).
__device__ inline float softplus(float x) { return larger(x, 0.0f) + log1pf(expf(-fabsf(x))); }

// (x + sqrt(x² + b)) / 2, below 0 as (b / 2) / (sqrt(x² + b) - x), which loses no digits.
__device__ inline float squareplus(float x, float b) {
    const float a = fabsf(x);
    // Beyond, the square might be infinite and b is nothing to it.
    const float root = a > 1e18f ? a : sqrtf(a * a + b);
    return x < 0.0f ? 0.5f * b / (root + a) : 0.5f * x + 0.5f * root;
}

// The cumulative distribution function of the standard normal distribution, and its density.
__device__ inline float normal_cdf(float x) { return 0.5f * erfcf(x * -0.707106781186547524f); }
__device__ inline float normal_pdf(float x) { return 0.398942280401432678f * expf(-0.5f * x * x); }

constexpr float SQRT_2_OVER_PI = 0.797884560802865356f;
constexpr float CUBIC = 0.044715f;

// u of gelu's approximation; (1 + tanh u) / 2 is sigmoid(2u).
__device__ inline float gelu_inner(float x) { return SQRT_2_OVER_PI * (x + CUBIC * x * x * x); }

__device__ inline float gelu_tanh_slope(float x) {
    x = bounded(x);
    const float twice = 2.0f * gelu_inner(x);
    const float du = SQRT_2_OVER_PI * (1.0f + 3.0f * CUBIC * x * x);
    return sigmoid(twice) + 2.0f * x * sigmoid(twice) * sigmoid(-twice) * du;
}

// act(x).
template <Word ACT>
__device__ inline float activate(float x, Numbers of) {
    if constexpr (ACT == LINEAR) return x;
    if constexpr (ACT == RELU) return larger(x, 0.0f);
    if constexpr (ACT == SIGMOID) return sigmoid(x);
    if constexpr (ACT == TANH) return tanhf(x);
    if constexpr (ACT == GELU) return finite(x) * normal_cdf(x);
    if constexpr (ACT == GELU_TANH) return finite(x) * sigmoid(2.0f * gelu_inner(x));
    if constexpr (ACT == AFFINE) return x * of.a + of.b;
    if constexpr (ACT == CLIP) return held(x * of.a + of.b, of.c, of.d);
    if constexpr (ACT == LEAKY_RELU) return x >= 0.0f ? x : x * of.a;
    if constexpr (ACT == ELU) return x > 0.0f ? x * of.a : of.b * expm1f(x * of.c);
    if constexpr (ACT == EXPONENTIAL) return expf(x);
    if constexpr (ACT == SOFTPLUS) return softplus(x);
    if constexpr (ACT == LOG_SIGMOID) return -softplus(-x);
    if constexpr (ACT == SOFTSIGN) {
        x = held(x, -1e30f, 1e30f);
        return x / (1.0f + fabsf(x));
    }
    if constexpr (ACT == SQUAREPLUS) return squareplus(x, of.a);
    if constexpr (ACT == SPARSE_PLUS) {
        return x <= -1.0f ? 0.0f : x >= 1.0f ? x : (x + 1.0f) * (x + 1.0f) * 0.25f;
    }
    if constexpr (ACT == SOFT_SHRINK) return x > of.a ? x - of.a : x < -of.a ? x + of.a : kept_nan(x);
    if constexpr (ACT == HARD_SHRINK) return fabsf(x) > of.a ? x : kept_nan(x);
    if constexpr (ACT == SILU) return finite(x) * sigmoid(x);
    if constexpr (ACT == HARD_SILU) return finite(x) * hard_sigmoid(x);
    if constexpr (ACT == MISH) return finite(x) * tanhf(softplus(x));
    if constexpr (ACT == TANH_SHRINK) return x - tanhf(x);
    if constexpr (ACT == RAMP) return x > of.c ? (x > of.b ? of.b : x) : (x - of.c) * of.a;
    if constexpr (ACT == THRESHOLD) return x > of.a ? x : of.b + kept_nan(x);
}

// The slope of act from what the activation saves: its output, or its input from GELU on where the formula says x.
template <Word ACT>
__device__ inline float slope(float s, Numbers of) {
    if constexpr (ACT == LINEAR) return 1.0f;
    if constexpr (ACT == RELU) return s > 0.0f ? 1.0f : 0.0f;
    if constexpr (ACT == SIGMOID) return s * (1.0f - s);
    if constexpr (ACT == TANH) return 1.0f - s * s;
    if constexpr (ACT == GELU) return normal_cdf(s) + bounded(s) * normal_pdf(s);
    if constexpr (ACT == GELU_TANH) return gelu_tanh_slope(s);
    if constexpr (ACT == AFFINE) return of.a;
    if constexpr (ACT == CLIP) return s > of.c && s < of.d ? of.a : 0.0f;
    if constexpr (ACT == LEAKY_RELU) return s >= 0.0f ? 1.0f : of.a;
    if constexpr (ACT == ELU) return s > 0.0f ? of.a : of.c * (s + of.b);
    if constexpr (ACT == EXPONENTIAL) return s;
    if constexpr (ACT == SOFTPLUS) return -expm1f(-s);
    if constexpr (ACT == LOG_SIGMOID) return -expm1f(s);
    if constexpr (ACT == SOFTSIGN) return (1.0f - fabsf(s)) * (1.0f - fabsf(s));
    if constexpr (ACT == SQUAREPLUS) return s / (s + 0.25f * of.a / s);
    if constexpr (ACT == SPARSE_PLUS) return s >= 1.0f ? 1.0f : sqrtf(s);
    if constexpr (ACT == SOFT_SHRINK || ACT == HARD_SHRINK) return s == 0.0f ? 0.0f : 1.0f;
    if constexpr (ACT == SILU) return sigmoid(s) * (1.0f + bounded(s) * sigmoid(-s));
    if constexpr (ACT == HARD_SILU) {
        const float h = hard_sigmoid(s);
        return h + (h > 0.0f && h < 1.0f ? s * (1.0f / 6.0f) : 0.0f);
    }
    if constexpr (ACT == MISH) {
        const float t = tanhf(softplus(s));
        return t + bounded(s) * (1.0f - t * t) * sigmoid(s);
    }
    if constexpr (ACT == TANH_SHRINK) return tanhf(s) * tanhf(s);
    if constexpr (ACT == RAMP) return s > of.c ? (s < of.b ? 1.0f : 0.0f) : of.a;
    if constexpr (ACT == THRESHOLD) return s > of.a ? 1.0f : 0.0f;
}

// dy times the slope.
template <Word ACT>
__device__ inline float activate_backward(float dy, float s, Numbers of) {
    if constexpr (ACT == LINEAR) return dy;
    // Also where dy is infinite.
    if constexpr (ACT == RELU) return s > 0.0f ? dy : 0.0f;
    return dy * slope<ACT>(s, of);
}
