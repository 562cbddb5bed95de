// Recurrent layers whose products are convolutions, between these: src/conv_recurrent. A row is a position of a sample; states lie row by
// row, h and behind it c. Steps lie one behind the other in each sample; `s` is the number under which one is taken. Null is what the
// layer has none of.
#include "recurrent.cuh"

// Where the numbers of a step of a row are, and whether its sample leaves the step out.
template <class L, int POSITIONS>
struct Row {
    int sample, position, t;

    __device__ Row(int row, int s) : sample(row / POSITIONS), position(row % POSITIONS), t(L::step(s)) {}

    // Its row among those of all steps.
    __device__ size_t at() const { return (size_t(sample) * L::steps + t) * POSITIONS + position; }

    __device__ bool is_out(const float* mask) const { return mask != nullptr && mask[sample * L::steps + t] == 0.0f; }

    // Its output for unit e, which begins at `place` of the outputs of a position.
    __device__ size_t shown(int place, int e) const {
        return size_t(sample) * L::y * POSITIONS + size_t(place) * POSITIONS + position * L::units + e;
    }
};

// The states before the first step. A thread has one of `len` elements.
template <class L>
__global__ void conv_recurrent_begin(float* state, const float* h0, const float* c0, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = i / (2 * L::units), e = i % (2 * L::units);
    const float* const from = e < L::units ? h0 : c0;
    state[i] = from != nullptr ? from[size_t(row) * L::units + e % L::units] : 0.0f;
}

// work = what is convolved with U at a step, which `a` keeps. A thread has one of `len` elements.
template <class L, int POSITIONS>
__global__ void conv_recurrent_multiply(float* work, float* a, const float* state, const float* drop, int len, int s) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = i / L::a, j = i % L::a;
    float h = state[size_t(row) * 2 * L::units + j % L::units];
    if (L::drops) h *= drop[i];
    work[i] = h;
    a[Row<L, POSITIONS>(row, s).at() * L::a + j] = h;
}

// The gates, the states and the output of a step, where `gates` has x ∗ W + b and `sums` what is summed up by U. A thread has one of `len`
// units of all rows.
template <class L, int POSITIONS>
__global__ void conv_recurrent_forward(
    float* y, float* gates, float* aux, float* pre, float* state, const float* sums, const float* mask, int len, int s,
    float act_a, float act_b, float act_c, float act_d, float gate_a, float gate_b, float gate_c, float gate_d
) {
    constexpr int units = L::units;
    const int i = thread_of_launch();
    if (i >= len) return;
    const Numbers act{act_a, act_b, act_c, act_d}, gate{gate_a, gate_b, gate_c, gate_d};
    const int row = i / units, e = i % units, place = L::place(s);
    const Row<L, POSITIONS> of(row, s);
    float* const own = state + size_t(row) * 2 * units;
    const bool out = of.is_out(mask);
    if (!out) {
        float* const own_gates = gates + of.at() * L::n;
        float* const own_pre = pre + of.at() * L::pre;
        const auto sum = [&](int which) {
            const float x = own_gates[which * units + e] + sums[size_t(row) * L::n + which * units + e];
            if constexpr (L::pre > 0) own_pre[which * units + e] = x;
            return x;
        };
        const float in = activate<L::gate>(sum(0), gate), forget = activate<L::gate>(sum(1), gate);
        const float g = activate<L::act>(sum(2), act), o = activate<L::gate>(sum(3), gate);
        const float was = own[units + e], c = fmaf(forget, was, in * g), top = activate<L::act>(c, act);
        if constexpr (L::pre > 0) own_pre[4 * units + e] = c;
        const float of_gates[] = {in, forget, g, o};
        for (int which = 0; which < 4; ++which) own_gates[which * units + e] = of_gates[which];
        aux[of.at() * L::aux + e] = was;
        aux[of.at() * L::aux + units + e] = top;
        own[e] = o * top;
        own[units + e] = c;
    }
    if (place >= 0) y[of.shown(place, e)] = L::zeros && out ? 0.0f : own[e];
}

// The states after the last step, behind the output: all h of a sample, then all c. A thread has one of `len` elements of states.
template <class L, int POSITIONS>
__global__ void conv_recurrent_end(float* y, const float* state, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = i / (2 * L::units), e = i % (2 * L::units);
    const Row<L, POSITIONS> of(row, 0);
    y[of.shown(L::out + e / L::units * L::units, e % L::units)] = state[i];
}

// The gradients of the states after the last step. A thread has one of `len` elements of states.
template <class L, int POSITIONS>
__global__ void conv_recurrent_begin_back(float* state, const float* dy, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = i / (2 * L::units), e = i % (2 * L::units);
    const Row<L, POSITIONS> of(row, 0);
    state[i] = L::shows_states ? dy[of.shown(L::out + e / L::units * L::units, e % L::units)] : 0.0f;
}

// The gradients of a step's sums, in the place of the gates and in `sums`, and those of the states that have to do with the next ones
// directly. A thread has one of `len` units of all rows.
template <class L, int POSITIONS>
__global__ void conv_recurrent_backward(
    float* gates, float* sums, float* state, const float* dy, const float* aux, const float* pre, const float* mask, int len,
    int s, float act_a, float act_b, float act_c, float act_d, float gate_a, float gate_b, float gate_c, float gate_d
) {
    constexpr int units = L::units;
    const int i = thread_of_launch();
    if (i >= len) return;
    const Numbers act{act_a, act_b, act_c, act_d}, gate{gate_a, gate_b, gate_c, gate_d};
    const int row = i / units, e = i % units, place = L::place(s);
    const Row<L, POSITIONS> of(row, s);
    float* const own = state + size_t(row) * 2 * units;
    float* const own_gates = gates + of.at() * L::n;
    const bool out = of.is_out(mask);
    // Leaves a gradient of what is summed up for a gate.
    const auto leave = [&](int which, float d) {
        own_gates[which * units + e] = sums[size_t(row) * L::n + which * units + e] = d;
    };
    float dh = own[e];
    if (place >= 0 && !(L::zeros && out)) dh += dy[of.shown(place, e)];
    if (out) {
        for (int which = 0; which < 4; ++which) leave(which, 0.0f);
        own[e] = dh;
        return;
    }
    // Slopes, from a value or from the input that was kept.
    const auto of_act = [&](int which, float value) {
        return slope<L::act>(L::act_keeps ? pre[of.at() * L::pre + which * units + e] : value, act);
    };
    const auto of_gate = [&](int which, float value) {
        return slope<L::gate>(L::gate_keeps ? pre[of.at() * L::pre + which * units + e] : value, gate);
    };
    const float in = own_gates[e], forget = own_gates[units + e], g = own_gates[2 * units + e];
    const float o = own_gates[3 * units + e], was = aux[of.at() * L::aux + e], top = aux[of.at() * L::aux + units + e];
    const float dc = own[units + e] + dh * o * of_act(4, top);
    leave(0, dc * g * of_gate(0, in));
    leave(1, dc * was * of_gate(1, forget));
    leave(2, dc * in * of_act(2, g));
    leave(3, dh * top * of_gate(3, o));
    own[e] = 0.0f;
    own[units + e] = dc * forget;
}

// Adds the gradient of what was convolved with U, which `work` has, to that of h. A thread has one of `len` units of all rows.
template <class L>
__global__ void conv_recurrent_multiply_back(float* state, const float* work, const float* drop, int len) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int row = i / L::units, e = i % L::units;
    float sum = state[size_t(row) * 2 * L::units + e];
    for (int part = 0; part < L::parts; ++part) {
        const size_t at = size_t(row) * L::a + part * L::units + e;
        sum += L::drops ? work[at] * drop[at] : work[at];
    }
    state[size_t(row) * 2 * L::units + e] = sum;
}

// d = the gradient of the initial h, which is number 0, or c, or d += that if ACC. A thread has one of `len` elements.
template <class L, bool ACC>
__global__ void conv_recurrent_initial(float* d, const float* state, int len, int which) {
    const int i = thread_of_launch();
    if (i < len) put<ACC>(&d[i], state[(size_t(i / L::units) * 2 + which) * L::units + i % L::units]);
}
