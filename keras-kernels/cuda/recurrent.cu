// Recurrent layers, from the projections of all steps on: src/recurrent.
//
// A block has ROWS rows of the batch and goes through all steps with them; their states stay in shared memory. A thread has a
// unit, or every so many-th, of all these rows: it adds up the products of h with the columns of U that belong to its unit, which
// lie side by side for the threads, and goes on to the unit's next state by itself. Only h is exchanged.
#include "recurrent.cuh"

// The products of `from` with columns of U, one for each of COUNT gates from `first` on: adds to sums[row][gate]. If DROPS, `drop` has
// a mask for each unit of each row: parts · units floats from one row to the next, and `units` from one gate to the next.
template <class L, int ROWS, int FIRST, int COUNT, bool DROPS>
__device__ inline void add_products(
    float (&sums)[ROWS][COUNT], const float (*from)[L::units], const float* __restrict__ u, const float* drop, int rows, int e
) {
#pragma unroll 4
    for (int k = 0; k < L::units; ++k) {
        float columns[COUNT];
#pragma unroll
        for (int gate = 0; gate < COUNT; ++gate) columns[gate] = u[size_t(k) * L::n + (FIRST + gate) * L::units + e];
#pragma unroll
        for (int row = 0; row < ROWS; ++row) {
            const float h = from[row][k];
#pragma unroll
            for (int gate = 0; gate < COUNT; ++gate) {
                float a = h;
                if constexpr (DROPS) a *= row < rows ? drop[(size_t(row) * L::parts + FIRST + gate) * L::units + k] : 0.0f;
                sums[row][gate] = fmaf(a, columns[gate], sums[row][gate]);
            }
        }
    }
}

// What a block shares on its way through the steps, a line for each row: h before the step and after it, c of an LSTM, and h times the
// reset gate where that comes before the product. `rows` in keras-runtime's ops/recurrent.rs counts the same: what a layer has none of
// takes no space.
template <class L, int ROWS>
struct States {
    static constexpr int EACH = 1 + L::states + (L::cell == GRU_RESET_BEFORE ? 1 : 0);
    float lines[EACH * ROWS][L::units];
};

// What it shares on the way back: the gradients of the states, and of the products with U at a step.
template <class L, int ROWS>
struct Slopes {
    float states[L::states * ROWS][L::units];
    float d[ROWS][L::n];
};

// The output, and what the backward pass needs: `gates` has the projections and gets the gates; `mask` has 0 for steps that are
// left out, of which nothing is kept. Null is what the layer has none of. The grid has a block for each ROWS rows.
template <class L, int ROWS>
__global__ void recurrent_forward(
    float* y, float* gates, float* a, float* aux, float* pre, float* before, const float* h0, const float* c0,
    const float* mask, const float* __restrict__ u, const float* bias, const float* drop, int m, float act_a, float act_b,
    float act_c, float act_d, float gate_a, float gate_b, float gate_c, float gate_d
) {
    constexpr int units = L::units;
    // Of h there are the lines before a step and after it, which take turns.
    float (*const h)[units] = shared<States<L, ROWS>>().lines;
    [[maybe_unused]] float (*const c)[units] = h + 2 * ROWS;
    [[maybe_unused]] float (*const reset)[units] = h + (1 + L::states) * ROWS;
    const Numbers act{act_a, act_b, act_c, act_d}, gate{gate_a, gate_b, gate_c, gate_d};
    const int first = int(blockIdx.x) * ROWS, rows = m - first < ROWS ? m - first : ROWS;
    if (L::drops) drop += size_t(first) * L::parts * units;
    for (int row = 0; row < ROWS; ++row) {
        for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
            const size_t at = size_t(first + row) * units + e;
            h[row][e] = row < rows && h0 != nullptr ? h0[at] : 0.0f;
            if constexpr (L::lstm) c[row][e] = row < rows && c0 != nullptr ? c0[at] : 0.0f;
        }
    }
    __syncthreads();
    for (int s = 0; s < L::steps; ++s) {
        const int t = L::step(s), place = L::place(s);
        const float (*const old)[units] = h + s % 2 * ROWS;
        float (*const next)[units] = h + (s + 1) % 2 * ROWS;
        // What is kept of a step of a row, for unit e.
        const auto step = [=](int row) { return size_t(first + row) * L::steps + t; };
        const auto is_out = [=](int row) { return mask != nullptr && mask[step(row)] == 0.0f; };
        const auto show = [=](int row, int e, float state) {
            next[row][e] = state;
            if (place >= 0) y[size_t(first + row) * L::y + place + e] = L::zeros && is_out(row) ? 0.0f : state;
        };
        for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
            // All gates, but for one whose product comes later.
            constexpr int count = L::cell == GRU_RESET_BEFORE ? 2 : L::gates;
            float sums[ROWS][count] = {};
            add_products<L, ROWS, 0, count, L::drops>(sums, old, u, drop, rows, e);
            for (int row = 0; row < ROWS; ++row) {
                if (row >= rows) continue;
                const bool out = is_out(row);
                const float state = old[row][e];
                float* const own_a = a + step(row) * L::a;
                float* const own_gates = gates + step(row) * L::n;
                float* const own_aux = aux + step(row) * L::aux;
                float* const own_pre = pre + step(row) * L::pre;
                // Without masks, what is multiplied is h itself; of a GRU that resets before, the last part comes later.
                for (int part = 0; part < (L::cell == GRU_RESET_BEFORE ? L::parts - 1 : L::parts); ++part) {
                    float masked = out ? 0.0f : state;
                    if constexpr (L::drops) masked *= drop[(size_t(row) * L::parts + part) * units + e];
                    own_a[part * units + e] = masked;
                }
                if constexpr (L::keeps_h) before[step(row) * units + e] = out ? 0.0f : state;
                if (out) {
                    for (int i = e; i < L::aux; i += units) own_aux[i] = 0.0f;
                    for (int i = e; i < L::pre; i += units) own_pre[i] = 0.0f;
                    if constexpr (L::cell == GRU_RESET_BEFORE) {
                        reset[row][e] = 0.0f;
                    } else {
                        show(row, e, state);
                    }
                    continue;
                }
                // What is summed up for a gate, and kept where a slope is worked out from it.
                const auto sum = [&](int which) {
                    float x = own_gates[which * units + e] + sums[row][which];
                    if (L::cell == GRU && bias != nullptr) x += bias[which * units + e];
                    if constexpr (L::pre > 0) own_pre[which * units + e] = x;
                    return x;
                };
                const auto put_gate = [&](int which, float value) { own_gates[which * units + e] = value; };
                if constexpr (L::cell == SIMPLE_RNN) {
                    const float z = activate<L::act>(sum(0), act);
                    put_gate(0, z);
                    show(row, e, z);
                } else if constexpr (L::lstm) {
                    const float i = activate<L::gate>(sum(0), gate), f = activate<L::gate>(sum(1), gate);
                    const float g = activate<L::act>(sum(2), act), o = activate<L::gate>(sum(3), gate);
                    const float was = c[row][e], now = f * was + i * g, top = activate<L::act>(now, act);
                    put_gate(0, i);
                    put_gate(1, f);
                    put_gate(2, g);
                    put_gate(3, o);
                    own_aux[e] = was;
                    own_aux[units + e] = top;
                    if constexpr (L::pre > 0) own_pre[4 * units + e] = now;
                    c[row][e] = now;
                    show(row, e, o * top);
                } else if constexpr (L::cell == GRU) {
                    const float z = activate<L::gate>(sum(0), gate), r = activate<L::gate>(sum(1), gate);
                    const float hg = sums[row][2] + (bias != nullptr ? bias[2 * units + e] : 0.0f);
                    const float x = own_gates[2 * units + e] + r * hg, g = activate<L::act>(x, act);
                    if constexpr (L::pre > 0) own_pre[2 * units + e] = x;
                    put_gate(0, z);
                    put_gate(1, r);
                    put_gate(2, g);
                    own_aux[e] = own_aux[units + e] = 0.0f;
                    own_aux[2 * units + e] = hg;
                    show(row, e, z * state + (1.0f - z) * g);
                } else {
                    const float r = activate<L::gate>(sum(1), gate);
                    put_gate(0, activate<L::gate>(sum(0), gate));
                    put_gate(1, r);
                    float masked = state * r;
                    if constexpr (L::drops) masked *= drop[(size_t(row) * L::parts + 2) * units + e];
                    reset[row][e] = masked;
                }
            }
        }
        if constexpr (L::cell == GRU_RESET_BEFORE) {
            __syncthreads();
            for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
                float sums[ROWS][1] = {};
                add_products<L, ROWS, 2, 1, false>(sums, reset, u, nullptr, rows, e);
                for (int row = 0; row < rows; ++row) {
                    const float state = old[row][e];
                    a[step(row) * L::a + (L::parts - 1) * units + e] = reset[row][e];
                    if (is_out(row)) {
                        show(row, e, state);
                        continue;
                    }
                    float* const at = gates + step(row) * L::n;
                    const float x = at[2 * units + e] + sums[row][0], g = activate<L::act>(x, act), z = at[e];
                    if constexpr (L::pre > 0) pre[step(row) * L::pre + 2 * units + e] = x;
                    at[2 * units + e] = g;
                    show(row, e, z * state + (1.0f - z) * g);
                }
            }
        }
        __syncthreads();
    }
    if constexpr (L::shows_states) {
        for (int row = 0; row < rows; ++row) {
            for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
                float* const to = y + size_t(first + row) * L::y + L::out;
                to[e] = h[L::steps % 2 * ROWS + row][e];
                if constexpr (L::lstm) to[units + e] = c[row][e];
            }
        }
    }
}

// The products of `d` with rows of Uᵀ, those of COUNT gates from FIRST on: adds to sums[row], by the masks of each gate if the
// layer drops.
template <class L, int ROWS, int FIRST, int COUNT>
__device__ inline void add_back(
    float (&sums)[ROWS], const float (*d)[L::n], const float* __restrict__ ut, const float* drop, int rows, int e
) {
    for (int gate = FIRST; gate < FIRST + COUNT; ++gate) {
        float of_gate[ROWS] = {};
#pragma unroll 8
        for (int k = 0; k < L::units; ++k) {
            const float factor = ut[(size_t(gate) * L::units + k) * L::units + e];
#pragma unroll
            for (int row = 0; row < ROWS; ++row) of_gate[row] = fmaf(d[row][gate * L::units + k], factor, of_gate[row]);
        }
#pragma unroll
        for (int row = 0; row < ROWS; ++row) {
            float masked = of_gate[row];
            if constexpr (L::drops) masked *= row < rows ? drop[(size_t(row) * L::parts + gate) * L::units + e] : 0.0f;
            sums[row] += masked;
        }
    }
}

// The gradients of the projections in the place of the gates, those of the products with U in `aux` where they are others, and
// those of the initial states, added to what is there if `acc_h` and `acc_c`, unless they are null. `ut` is Uᵀ.
template <class L, int ROWS>
__global__ void recurrent_backward(
    float* gates, float* aux, float* dh0, float* dc0, const float* dy, const float* a, const float* pre, const float* before,
    const float* mask, const float* __restrict__ ut, const float* drop, int m, int acc_h, int acc_c, float act_a, float act_b,
    float act_c, float act_d, float gate_a, float gate_b, float gate_c, float gate_d
) {
    constexpr int units = L::units;
    auto& slopes = shared<Slopes<L, ROWS>>();
    float (*const dh)[units] = slopes.states;
    [[maybe_unused]] float (*const dc)[units] = dh + ROWS;
    float (*const d)[L::n] = slopes.d;
    const Numbers act{act_a, act_b, act_c, act_d}, gate{gate_a, gate_b, gate_c, gate_d};
    const int first = int(blockIdx.x) * ROWS, rows = m - first < ROWS ? m - first : ROWS;
    if (L::drops) drop += size_t(first) * L::parts * units;
    for (int row = 0; row < ROWS; ++row) {
        for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
            const float* const of = dy + size_t(first + row) * L::y + L::out;
            const bool there = L::shows_states && row < rows;
            dh[row][e] = there ? of[e] : 0.0f;
            if constexpr (L::lstm) dc[row][e] = there ? of[units + e] : 0.0f;
            for (int i = e; i < L::n; i += units) d[row][i] = 0.0f;
        }
    }
    __syncthreads();
    for (int s = L::steps - 1; s >= 0; --s) {
        const int t = L::step(s), place = L::place(s);
        const auto step = [=](int row) { return size_t(first + row) * L::steps + t; };
        const auto is_out = [=](int row) { return mask != nullptr && mask[step(row)] == 0.0f; };
        // h before the step.
        const auto state_before = [=](int row, int e) {
            return L::keeps_h ? before[step(row) * units + e] : a[step(row) * L::a + e];
        };
        // Slopes, from a value or from the input that was kept.
        const auto of_act = [=](int row, int which, int e, float value) {
            return slope<L::act>(L::act_keeps ? pre[step(row) * L::pre + which * units + e] : value, act);
        };
        const auto of_gate = [=](int row, int which, int e, float value) {
            return slope<L::gate>(L::gate_keeps ? pre[step(row) * L::pre + which * units + e] : value, gate);
        };
        for (int row = 0; row < rows; ++row) {
            float* const own = gates + step(row) * L::n;
            float* const own_aux = aux + step(row) * L::aux;
            const bool out = is_out(row);
            for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
                float of_h = dh[row][e];
                if (place >= 0 && !(L::zeros && out)) of_h += dy[size_t(first + row) * L::y + place + e];
                if (out) {
                    for (int i = e; i < L::n; i += units) {
                        d[row][i] = own[i] = 0.0f;
                        if constexpr (L::cell == GRU) own_aux[i] = 0.0f;
                    }
                    dh[row][e] = of_h;
                    continue;
                }
                // Leaves a gradient of a projection, which is that of a product with U too.
                const auto leave = [&](int which, float x) { d[row][which * units + e] = own[which * units + e] = x; };
                if constexpr (L::cell == SIMPLE_RNN) {
                    leave(0, of_h * of_act(row, 0, e, own[e]));
                    dh[row][e] = 0.0f;
                } else if constexpr (L::lstm) {
                    const float i = own[e], f = own[units + e], g = own[2 * units + e], o = own[3 * units + e];
                    const float was = own_aux[e], top = own_aux[units + e];
                    const float of_c = dc[row][e] + of_h * o * of_act(row, 4, e, top);
                    leave(0, of_c * g * of_gate(row, 0, e, i));
                    leave(1, of_c * was * of_gate(row, 1, e, f));
                    leave(2, of_c * i * of_act(row, 2, e, g));
                    leave(3, of_h * top * of_gate(row, 3, e, o));
                    dc[row][e] = of_c * f;
                    dh[row][e] = 0.0f;
                } else {
                    const float z = own[e], g = own[2 * units + e], was = state_before(row, e);
                    const float dg = of_h * (1.0f - z) * of_act(row, 2, e, g);
                    const float dz = of_h * (was - g) * of_gate(row, 0, e, z);
                    dh[row][e] = of_h * z;
                    leave(0, dz);
                    leave(2, dg);
                    if constexpr (L::cell == GRU) {
                        const float r = own[units + e], hg = own_aux[2 * units + e];
                        const float dr = dg * hg * of_gate(row, 1, e, r);
                        leave(1, dr);
                        own_aux[e] = dz;
                        own_aux[units + e] = dr;
                        d[row][2 * units + e] = own_aux[2 * units + e] = dg * r;
                    }
                }
            }
        }
        __syncthreads();
        if constexpr (L::cell == GRU_RESET_BEFORE) {
            for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
                // The gradient of r h.
                float sums[ROWS] = {};
                add_back<L, ROWS, 2, 1>(sums, d, ut, drop, rows, e);
#pragma unroll
                for (int row = 0; row < ROWS; ++row) {
                    if (row >= rows || is_out(row)) continue;
                    float* const at = &gates[step(row) * L::n + units + e];
                    const float r = *at;
                    dh[row][e] += sums[row] * r;
                    d[row][units + e] = *at = sums[row] * state_before(row, e) * of_gate(row, 1, e, r);
                }
            }
            __syncthreads();
        }
        for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
            float sums[ROWS] = {};
            add_back<L, ROWS, 0, L::cell == GRU_RESET_BEFORE ? 2 : L::gates>(sums, d, ut, drop, rows, e);
#pragma unroll
            for (int row = 0; row < ROWS; ++row) dh[row][e] += sums[row];
        }
        __syncthreads();
    }
    for (int row = 0; row < rows; ++row) {
        for (int e = int(threadIdx.x); e < units; e += int(blockDim.x)) {
            const size_t at = size_t(first + row) * units + e;
            if (dh0 != nullptr) dh0[at] = acc_h ? dh0[at] + dh[row][e] : dh[row][e];
            if constexpr (L::lstm) {
                if (dc0 != nullptr) dc0[at] = acc_c ? dc0[at] + dc[row][e] : dc[row][e];
            }
        }
    }
}
