// Losses and metrics of a position, a warp for each: the formulas of keras-runtime's src/loss and src/metric.
//
// A position has N values y, which came from N logits z if FROM is SOFTMAX or SIGMOID; if FROM is LOGITS, y are logits themselves.
// Its target is N numbers, or one class if CLASSES.
#pragma once

#include "reduce.cuh"
#include "words.cuh"

// Keras's epsilon(), what probabilities are clipped by.
constexpr float EPSILON = 1e-7f;

template <bool CLASSES>
struct TargetOf {
    using Type = float;
};
template <>
struct TargetOf<true> {
    using Type = unsigned int;
};
template <bool CLASSES>
using Target = typename TargetOf<CLASSES>::Type;

// The sum of f(j) over all j below N, in all lanes.
template <int N, class F>
__device__ inline float sum_of(F f) {
    float sum = 0.0f;
    for (int j = lane(); j < N; j += WARP) sum += f(j);
    return warp_sum(sum);
}

// Where the largest of N numbers is, in all lanes: the first of several; the first NaN if there is one.
template <int N>
__device__ inline int argmax(const float* x) {
    const auto beats = [](float a, int i, float b, int j) {
        if (is_nan(a) != is_nan(b)) return is_nan(a);
        return a > b || (!(a < b) && i < j);
    };
    // A lane without an element loses to all that have one.
    float best = -infinity();
    int at = N;
    for (int j = lane(); j < N; j += WARP) {
        if (beats(x[j], j, best, at)) {
            best = x[j];
            at = j;
        }
    }
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        const float other = __shfl_xor_sync(ALL_LANES, best, distance);
        const int there = __shfl_xor_sync(ALL_LANES, at, distance);
        if (beats(other, there, best, at)) {
            best = other;
            at = there;
        }
    }
    return at;
}

// Whether fewer than k of N numbers are larger than number `at`; NaN is smaller than all, and nothing else than a number.
template <int N>
__device__ inline bool in_top_k(const float* x, int at, float k) {
    if (at >= N) return false;
    const float value = is_nan(x[at]) ? -infinity() : x[at];
    return sum_of<N>([=](int j) { return x[j] > value ? 1.0f : 0.0f; }) < k;
}

// A position: its values, and what the score was told.
template <Word WORD, Word FROM, int N, bool CLASSES>
struct Position {
    const float* y;
    const float* z;
    const Target<CLASSES>* targets;
    // Label smoothing, a threshold, how many count as right.
    float number;
    // The class whose positions are 0, or -1.
    int ignored;

    // Position `i` of all.
    static __device__ Position of(
        const float* y, const float* z, const Target<CLASSES>* targets, float number, int ignored, int i
    ) {
        const size_t at = size_t(i) * N;
        return {y + at, z + at, targets + (CLASSES ? size_t(i) : at), number, ignored};
    }

    // Whether the loss is that of the logits behind the head, which the gradient is then of too.
    static constexpr bool FUSED =
        WORD == BINARY_CROSSENTROPY ? FROM == SIGMOID
                                    : FROM == SOFTMAX && WORD != MEAN_SQUARED_ERROR && WORD != MEAN_ABSOLUTE_ERROR;
    // Whether it is computed from logits.
    static constexpr bool LOGS = FUSED || FROM == LOGITS;

    // The class, where targets are classes.
    __device__ int label() const {
        if constexpr (CLASSES) return targets[0] < (unsigned int)N ? int(targets[0]) : N;
        return N;
    }

    __device__ bool is_ignored() const {
        if constexpr (CLASSES) return ignored >= 0 && targets[0] == (unsigned int)ignored;
        return false;
    }

    // Target j as a number, as the loss takes it.
    __device__ float target(int j) const {
        const float t = float(targets[CLASSES ? 0 : j]);
        if constexpr (WORD == CATEGORICAL_CROSSENTROPY) return t * (1.0f - number) + number / N;
        if constexpr (WORD == BINARY_CROSSENTROPY) return t * (1.0f - number) + 0.5f * number;
        if constexpr (WORD == KL_DIVERGENCE) return held(t, EPSILON, 1.0f);
        return t;
    }

    // The logits, where the loss is computed from them.
    __device__ const float* logits() const { return FUSED ? z : y; }

    // What makes probabilities of logits: the largest, and the sum of powers. Where the softmax is known nobody asks.
    struct Powers {
        float most, sum;
    };
    __device__ Powers powers() const {
        if constexpr (FUSED) return {0.0f, 1.0f};
        const float most = most_of_row<N>(y);
        return {most, sum_of<N>([this, most](int j) { return expf(y[j] - most); })};
    }

    // ln Σ eᶻ. Where the softmax is known, its largest is what e to the largest logit became.
    __device__ float log_sum_exp() const {
        if constexpr (FUSED) return most_of_row<N>(z) - logf(most_of_row<N>(y));
        const Powers of = powers();
        return of.most + logf(of.sum);
    }

    __device__ float softmax(int j, Powers of) const { return FUSED ? y[j] : expf(y[j] - of.most) / of.sum; }

    __device__ float sum_of_y() const {
        return sum_of<N>([this](int j) { return y[j]; });
    }

    // Whether a probability is not clipped.
    static __device__ bool inside(float q) { return q >= EPSILON && q <= 1.0f - EPSILON; }

    // The loss, in all lanes.
    __device__ float loss() const {
        if constexpr (WORD == CATEGORICAL_CROSSENTROPY || WORD == KL_DIVERGENCE) {
            if constexpr (LOGS) {
                const float log_sum = log_sum_exp();
                return sum_of<N>([this, log_sum](int j) {
                    const float t = target(j), loss = t * (log_sum - logits()[j]);
                    return WORD == KL_DIVERGENCE ? loss + t * logf(t) : loss;
                });
            } else if constexpr (WORD == KL_DIVERGENCE) {
                return sum_of<N>([this](int j) {
                    const float t = target(j);
                    return t * logf(t / held(y[j], EPSILON, 1.0f));
                });
            } else {
                const float sum = sum_of_y();
                return -sum_of<N>([this, sum](int j) {
                    return target(j) * logf(held(y[j] / sum, EPSILON, 1.0f - EPSILON));
                });
            }
        } else if constexpr (WORD == SPARSE_CATEGORICAL_CROSSENTROPY) {
            const int of = label();
            // The whole warp has one position.
            if (is_ignored()) return 0.0f;
            if (of == N) return not_a_number();
            if constexpr (LOGS) return log_sum_exp() - logits()[of];
            return -logf(held(y[of] / sum_of_y(), EPSILON, 1.0f - EPSILON));
        } else if constexpr (WORD == BINARY_CROSSENTROPY) {
            return sum_of<N>([this](int j) {
                const float t = target(j);
                if constexpr (LOGS) {
                    // ln(1 + eᶻ) - t z, by the side of 0 where e to -|z| does not overflow.
                    const float of = logits()[j];
                    return larger(of, 0.0f) - of * t + log1pf(expf(-fabsf(of)));
                } else {
                    const float p = held(y[j], EPSILON, 1.0f - EPSILON);
                    return -(t * logf(p) + (1.0f - t) * logf(1.0f - p));
                }
            }) / N;
        } else {
            return sum_of<N>([this](int j) {
                const float error = y[j] - target(j);
                return WORD == MEAN_SQUARED_ERROR ? error * error : fabsf(error);
            }) / N;
        }
    }

    // `scale` times the gradient of the loss, of the logits if FUSED, or added to what is there if ACC.
    template <bool ACC>
    __device__ void backward(float* grad, float scale) const {
        if constexpr (WORD == SPARSE_CATEGORICAL_CROSSENTROPY) {
            sparse_backward<ACC>(grad, scale);
        } else if constexpr (WORD == CATEGORICAL_CROSSENTROPY && !LOGS) {
            // With q = p / Σp: dq = -t / q where q is not clipped, and dp = (dq - Σ dq · q) / Σp.
            const float sum = sum_of_y();
            const auto dq = [this, sum](int j) {
                const float q = y[j] / sum;
                return inside(q) ? -target(j) / q : q * 0.0f;
            };
            const float mean = sum_of<N>([this, dq, sum](int j) { return dq(j) * (y[j] / sum); });
            each<ACC>(grad, [dq, scale, mean, sum](int j) { return scale * (dq(j) - mean) / sum; });
        } else if constexpr (WORD == CATEGORICAL_CROSSENTROPY || (WORD == KL_DIVERGENCE && LOGS)) {
            const Powers of = powers();
            const float total = sum_of<N>([this](int j) { return target(j); });
            each<ACC>(grad, [this, scale, of, total](int j) { return scale * (softmax(j, of) * total - target(j)); });
        } else if constexpr (WORD == KL_DIVERGENCE) {
            each<ACC>(grad, [this, scale](int j) {
                return y[j] >= EPSILON && y[j] <= 1.0f ? -scale * target(j) / y[j] : 0.0f * y[j];
            });
        } else if constexpr (WORD == BINARY_CROSSENTROPY) {
            each<ACC>(grad, [this, scale](int j) {
                const float t = target(j), p = y[j];
                if constexpr (FUSED) return scale / N * (p - t);
                if constexpr (LOGS) return scale / N * (1.0f / (1.0f + expf(-p)) - t);
                return inside(p) ? scale / N * (p - t) / (p * (1.0f - p)) : 0.0f * p;
            });
        } else if constexpr (WORD == MEAN_SQUARED_ERROR) {
            each<ACC>(grad, [this, scale](int j) { return 2.0f * scale / N * (y[j] - target(j)); });
        } else {
            each<ACC>(grad, [this, scale](int j) {
                const float error = y[j] - target(j);
                // An error of 0 or NaN is its own sign.
                return scale / N * (error > 0.0f ? 1.0f : error < 0.0f ? -1.0f : error);
            });
        }
    }

    template <bool ACC>
    __device__ void sparse_backward(float* grad, float scale) const {
        const int of = label();
        if (is_ignored()) {
            each<ACC>(grad, [](int) { return 0.0f; });
        } else if (of == N) {
            each<ACC>(grad, [](int) { return not_a_number(); });
        } else if constexpr (LOGS) {
            const Powers powers_of = powers();
            each<ACC>(grad, [this, scale, of, powers_of](int j) { return scale * (softmax(j, powers_of) - (j == of ? 1.0f : 0.0f)); });
        } else {
            // -ln(p / Σp): 1 / Σp everywhere, and -1 / p of the class in addition.
            const float sum = sum_of_y();
            const bool is_inside = inside(y[of] / sum);
            each<ACC>(grad, [this, scale, of, sum, is_inside](int j) {
                const float own = is_inside ? scale / y[j] : 0.0f * y[j];
                return (is_inside ? scale / sum : 0.0f) - (j == of ? own : 0.0f);
            });
        }
    }

    // The gradient g(j) of each value.
    template <bool ACC, class G>
    static __device__ void each(float* grad, G g) {
        for (int j = lane(); j < N; j += WARP) put<ACC>(&grad[j], g(j));
    }

    // What a metric is the mean of, in all lanes.
    __device__ double measure() const {
        if constexpr (WORD == ACCURACY && N == 1) {
            return float(targets[0]) == (y[0] > 0.5f ? 1.0f : 0.0f) ? 1.0 : 0.0;
        } else if constexpr (WORD == ACCURACY || WORD == CATEGORICAL_ACCURACY) {
            return argmax<N>(y) == right_class() ? 1.0 : 0.0;
        } else if constexpr (WORD == TOP_K_CATEGORICAL_ACCURACY) {
            return in_top_k<N>(y, right_class(), number) ? 1.0 : 0.0;
        } else if constexpr (WORD == BINARY_ACCURACY) {
            const float right = sum_of<N>([this](int j) {
                return target(j) == (y[j] > number ? 1.0f : 0.0f) ? 1.0f : 0.0f;
            });
            return double(right) / N;
        } else {
            return loss();
        }
    }

    // The class, or the largest target; N if the class is none.
    __device__ int right_class() const {
        if constexpr (CLASSES) return label();
        else return argmax<N>(targets);
    }
};
