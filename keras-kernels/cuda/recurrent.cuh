// Recurrent layers: sizes, and where the numbers of a step lie. src/recurrent has the formulas and the layouts.
#pragma once

#include "activation.cuh"
#include "shared.cuh"

enum Cell { SIMPLE_RNN, LSTM, GRU, GRU_RESET_BEFORE };
enum Comes { LAST, SEQUENCE, IN_TIME };

// A layer. DROPS says that h is multiplied by masks before it is multiplied by U, and KEEPS that the inputs of activations are
// kept, since a slope is worked out from one: that of `act` if ACT_KEEPS, that of the gates if GATE_KEEPS.
template <
    Cell CELL, int T, int U, Word ACT, Word GATE, bool ACT_KEEPS, bool GATE_KEEPS, bool BACKWARDS, Comes COMES, bool STATES,
    bool ZEROS, bool DROPS>
struct Layer {
    static constexpr Cell cell = CELL;
    static constexpr int steps = T, units = U;
    static constexpr Word act = ACT, gate = GATE;
    static constexpr bool lstm = CELL == LSTM, gru = CELL == GRU || CELL == GRU_RESET_BEFORE;
    static constexpr bool act_keeps = ACT_KEEPS, gate_keeps = CELL != SIMPLE_RNN && GATE_KEEPS;
    static constexpr bool zeros = ZEROS, drops = DROPS, shows_states = STATES;
    static constexpr int gates = lstm ? 4 : gru ? 3 : 1;
    // Columns of W and U; floats of the states.
    static constexpr int n = gates * U, states = lstm ? 2 : 1;
    // Products with U at each step, and of what.
    static constexpr int parts = CELL == SIMPLE_RNN ? 1 : DROPS ? gates : CELL == GRU_RESET_BEFORE ? 2 : 1;
    // What is kept of each step.
    static constexpr int a = parts * U, aux = lstm ? 2 * U : CELL == GRU ? n : 0;
    static constexpr int pre = act_keeps || gate_keeps ? (lstm ? n + U : n) : 0;
    static constexpr bool keeps_h = DROPS && gru;
    static constexpr int out = COMES == LAST ? U : T * U, y = out + (STATES ? states * U : 0);

    // The step that is taken as number s, and where its output goes; -1 if it does not come out.
    static __device__ int step(int s) { return BACKWARDS ? T - 1 - s : s; }
    static __device__ int place(int s) {
        if (COMES == LAST) return s + 1 < T ? -1 : 0;
        return (COMES == SEQUENCE ? s : step(s)) * U;
    }
};
