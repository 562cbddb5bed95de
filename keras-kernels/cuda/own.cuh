// What the functions of a layer of one's own are given. keras writes the rest of what they see, by the layer's sizes, in front of its
// source: `Weights`, `Input`, `Output`, `Saved` and the constants.
#pragma once

#include "philox.cuh"
#include "reduce.cuh"
#include "shared.cuh"

namespace own {

// Those of 0..n that belong to a thread of a block: every so many-th.
struct Share {
    struct Turn {
        int at;

        __device__ int operator*() const { return at; }
        __device__ void operator++() { at += int(blockDim.x); }
        __device__ bool operator!=(Turn end) const { return at < end.at; }
    };

    int n;

    __device__ Turn begin() const { return {int(threadIdx.x)}; }
    __device__ Turn end() const { return {n}; }
};

// The circumstances of a call.
struct Call {
    // Whether the layer trains.
    bool training;
    // The row, and how many rows the batch has.
    int row, batch;
    // The random numbers of the layer in this step.
    Key key;

    // Of n things those that this thread has.
    __device__ Share share(int n) const { return {n}; }

    // The threads of the block wait for each other.
    __device__ void meet() const { __syncthreads(); }

    // The sum of what all threads of the block have, in each of them.
    __device__ float sum(float x) const { return float(block_total(x)); }

    // Random number i of a row, in [0, 1); i is below 2²⁰.
    __device__ float uniform(int of, int i) const {
        const unsigned long long index = (unsigned long long)(unsigned int)of << 20 | ((unsigned int)i & 0xfffffu);
        return philox_uniform(philox_block(key, index / 64 * 16 + index % 16).of[index / 16 % 4]);
    }
};

// A row as the forward pass has left it, and the gradient of its output.
template <class INPUT, class OUTPUT, class SAVED>
struct PassOf {
    const INPUT& x;
    const OUTPUT& y;
    const SAVED& saved;
    const OUTPUT& dy;
};

// All rows.
template <class INPUT, class OUTPUT, class SAVED>
struct BatchOf {
    const INPUT* x;
    const OUTPUT* y;
    const SAVED* saved;
    const OUTPUT* dy;

    __device__ PassOf<INPUT, OUTPUT, SAVED> operator[](int row) const { return {x[row], y[row], saved[row], dy[row]}; }
};

// Numbers as arrays or structs of them. Where there are none, what `instead` points to is named and never read.
template <class T, bool THERE>
__device__ inline const T* as(const float* numbers, const float* instead) {
    return reinterpret_cast<const T*>(THERE ? numbers : instead);
}

template <class L>
__device__ inline const typename L::Weights& weights(const float* w, const float* x) {
    return *as<typename L::Weights, L::WEIGHS>(w, x);
}

template <class L>
__device__ inline typename L::Batch batch(const float* x, const float* y, const float* saved, const float* dy) {
    using Saved = typename L::Saved;
    return {
        as<typename L::Input, true>(x, x), as<typename L::Output, true>(y, x), as<Saved, L::SAVES>(saved, x),
        as<typename L::Output, true>(dy, x)};
}

}  // namespace own
