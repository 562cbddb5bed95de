// Runs CUDA kernels on the processor, as a C++20 compiler compiles them, one block after the other. It is for tests: with a
// sanitizer every thread of a block is a thread, so that the sanitizer sees what they do to each other; otherwise they are fibers.
//
// Included before kernels. It knows what the kernels beside it use of CUDA: one-dimensional blocks of whole warps, __syncthreads,
// shuffles and __syncwarp over all lanes of a warp. A thread that returns early is not waited for, as on a device.
#pragma once

#define SHIM

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <optional>
#include <type_traits>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#include "threads.h"
#else
#include "fibers.h"
#endif

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
// Blocks run one after the other, so one copy serves them all.
#define __shared__ static

struct dim3 {
    unsigned int x = 1, y = 1, z = 1;
};

// Floats are read by it, four at once.
struct __attribute__((may_alias, aligned(16))) float4 {
    float x, y, z, w;
};

// Words are written by it, four at once.
struct __attribute__((may_alias, aligned(16))) uint4 {
    unsigned int x, y, z, w;
};

constinit inline thread_local dim3 threadIdx{}, blockIdx{}, blockDim{}, gridDim{};

namespace shim {

constexpr unsigned int LANES = 32;

// The factors of a product that the lanes of a warp compute together.
struct Matrices {
    float a[16][16], b[16][8];
};

struct Warp {
    Barrier meet{LANES};
    // What each lane shows the others.
    std::array<std::uint64_t, LANES> shown{};
    Matrices matrices;
};

// What the threads of a block share besides memory.
struct Block {
    Barrier meet;
    std::deque<Warp> warps;
    // Where the first warps meet: the first, the first two, and so on.
    std::deque<Barrier> some;

    explicit Block(unsigned int threads) : meet(threads) {
        for (unsigned int lane = 0; lane < threads; lane += LANES) {
            warps.emplace_back();
            some.emplace_back(lane + LANES);
        }
    }
};

constinit inline thread_local Block* block = nullptr;

inline Warp& warp() { return block->warps[threadIdx.x / LANES]; }
inline unsigned int lane() { return threadIdx.x % LANES; }

// Waits; another fiber may have run meanwhile, and have left its own index.
inline void wait(Barrier& barrier) {
    const dim3 self = threadIdx;
    barrier.arrive_and_wait();
    threadIdx = self;
}

// What lane `from` has.
template <class T>
T shuffle(T value, unsigned int from) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    std::memcpy(&warp().shown[lane()], &value, sizeof(T));
    wait(warp().meet);
    std::memcpy(&value, &warp().shown[from], sizeof(T));
    // Nobody shows anything new before all have looked.
    wait(warp().meet);
    return value;
}

// The first threads of the block wait for each other.
inline void meet_some(unsigned int threads) { wait(block->some[threads / LANES - 1]); }

// Runs kernel() in each thread of each block.
inline void launch(dim3 grid, unsigned int threads, const std::function<void()>& kernel) {
    std::optional<Block> now;
    const auto begin = [&](unsigned int) { now.emplace(threads); };
    run_blocks(threads, grid.x * grid.y * grid.z, begin, [&](unsigned int thread, unsigned int at) {
        threadIdx = {thread, 0, 0};
        blockIdx = {at % grid.x, at / grid.x % grid.y, at / grid.x / grid.y};
        blockDim = {threads, 1, 1};
        gridDim = grid;
        block = &*now;
        kernel();
        warp().meet.arrive_and_drop();
        block->meet.arrive_and_drop();
    });
}

// Whether a kernel's parameters have exactly these types; where a pointer is null its type is not known.
struct Null {};
template <class Parameter, class Argument>
constexpr bool fits = std::is_same_v<Argument, Null> ? std::is_pointer_v<Parameter> : std::is_same_v<Parameter, Argument>;
template <class... Arguments, class... Parameters>
constexpr bool takes(void (*)(Parameters...)) {
    if constexpr (sizeof...(Arguments) == sizeof...(Parameters)) return (fits<Parameters, Arguments> && ...);
    return false;
}

}  // namespace shim

#include "tensor.h"

inline void __syncthreads() { shim::wait(shim::block->meet); }
// Blocks run one after the other, so that those which wait for each other are one.
inline void __threadfence() {}
inline unsigned int atomicAdd(unsigned int* to, unsigned int x) {
    const unsigned int before = *to;
    *to += x;
    return before;
}
inline void __syncwarp(unsigned int = ~0u) { shim::wait(shim::warp().meet); }

template <class T>
T __shfl_xor_sync(unsigned int, T value, int lanes) {
    return shim::shuffle(value, shim::lane() ^ unsigned(lanes));
}

template <class T>
T __shfl_down_sync(unsigned int, T value, unsigned int by) {
    const unsigned int from = shim::lane() + by;
    return shim::shuffle(value, from < shim::LANES ? from : shim::lane());
}

template <class T>
T __shfl_sync(unsigned int, T value, int from) {
    return shim::shuffle(value, unsigned(from) % shim::LANES);
}

template <class T>
T __ldg(const T* from) {
    return *from;
}

inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline float __uint_as_float(unsigned int bits) { return std::bit_cast<float>(bits); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned int __umulhi(unsigned int a, unsigned int b) { return unsigned(std::uint64_t(a) * b >> 32); }

// Sine and cosine of π x, which double precision gives to the last bit of a float.
inline float sinpif(float x) { return float(std::sin(3.141592653589793 * x)); }
inline float cospif(float x) { return float(std::cos(3.141592653589793 * x)); }
