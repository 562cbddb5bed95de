// A program as one kernel. Its blocks stay: each takes its share of the blocks of a launch, waits for the others where the next
// launch needs what they do, and goes on, for as many steps as are wanted. Launches of a few blocks that need each other are the
// first block's work alone, which then waits for nobody between them.
//
// It is included before all other files, with ONE_KERNEL_THREADS, the most threads that a launch has in a block. Kernels included
// behind it are functions of the device, and their words for where they are mean the place in the launch. The source ends with
// the definition of `one_step`.
#pragma once

namespace staying {

// What the launches of a program share within their blocks has one place, of as many bytes as a launch of its own could have; it is
// given when the kernel is launched.
constexpr int POOL = 48 * 1024;
#ifdef SHIM
alignas(16) static unsigned char pool[POOL];
#else
extern __shared__ __align__(16) unsigned char pool[];
#endif

struct Place {
    unsigned int x, y, z;
};

// The block that this one takes the part of, how many blocks the launch has, and how many threads each.
__shared__ Place block, grid, threads;

// Where this block is among those that stay, and how many they are.
__device__ inline unsigned int own_block() { return blockIdx.x; }
__device__ inline unsigned int blocks() { return gridDim.x; }

// All threads of the block wait for each other, those that have no part in the launch too.
__device__ inline void meet_threads() { __syncthreads(); }

// The first threads of the block wait for each other: whole warps.
__device__ inline void meet_some(unsigned int count) {
#ifdef SHIM
    shim::meet_some(count);
#else
    asm volatile("barrier.sync 1, %0;" ::"r"(count) : "memory");
#endif
}

// All blocks that stay wait for each other; what each has written before, the others see behind it. All of them must be on the device
// at once. `arrived` is 0 before the first launch of the kernel; the next ones find what the one before has left.
//
// Each block adds 1, but the first so much that all together add the highest bit alone: whoever sees that bit change goes on.
__device__ inline void meet_blocks(unsigned int* arrived) {
    constexpr unsigned int TURN = 0x80000000u;
    meet_threads();
    if (blocks() > 1 && threadIdx.x == 0) {
        __threadfence();
        const unsigned int own = own_block() == 0 ? TURN - (blocks() - 1) : 1;
        const unsigned int before = atomicAdd(arrived, own);
        while (((before ^ *static_cast<volatile unsigned int*>(arrived)) & TURN) == 0) {
        }
        __threadfence();
    }
    meet_threads();
}

// An argument of a kernel from its eight bytes: an address, or a number in the first four of them.
template <class T>
struct Argument {
    static __device__ T of(unsigned long long bits) { return T(static_cast<unsigned int>(bits)); }
};
template <>
struct Argument<float> {
    static __device__ float of(unsigned long long bits) { return __uint_as_float(static_cast<unsigned int>(bits)); }
};
template <class T>
struct Argument<T*> {
    static __device__ T* of(unsigned long long bits) { return reinterpret_cast<T*>(bits); }
};

// 0, 1, … N − 1, of which the library of C++ has no copy where kernels are compiled at run time.
template <int... I>
struct Numbers {};
template <int N, int... I>
struct NumbersBelow : NumbersBelow<N - 1, N - 1, I...> {};
template <int... I>
struct NumbersBelow<0, I...> {
    using All = Numbers<I...>;
};

// A call of a kernel with arguments that lie behind each other.
template <auto KERNEL>
struct Call;
template <class... Arguments, void (*KERNEL)(Arguments...)>
struct Call<KERNEL> {
    template <int... I>
    static __device__ void with(const unsigned long long* arguments, Numbers<I...>) {
        KERNEL(Argument<Arguments>::of(arguments[I])...);
    }

    static __device__ void with(const unsigned long long* arguments) {
        with(arguments, typename NumbersBelow<sizeof...(Arguments)>::All());
    }
};

// Some blocks of a launch of X · Y · Z blocks of so many threads: the first, and every `step`-th behind it.
template <auto KERNEL, unsigned int X, unsigned int Y, unsigned int Z, unsigned int THREADS>
__device__ inline void take_blocks(const unsigned long long* arguments, unsigned int first, unsigned int step) {
    for (unsigned int i = first; i < X * Y * Z; i += step) {
        if (threadIdx.x == 0) {
            block = {i % X, i / X % Y, i / X / Y};
            grid = {X, Y, Z};
            threads = {THREADS, 1, 1};
        }
        meet_threads();
        if (threadIdx.x < THREADS) Call<KERNEL>::with(arguments);
        meet_threads();
    }
}

// This block's share of a launch.
template <auto KERNEL, unsigned int X, unsigned int Y, unsigned int Z, unsigned int THREADS>
__device__ inline void take_launch(const unsigned long long* arguments) {
    take_blocks<KERNEL, X, Y, Z, THREADS>(arguments, own_block(), blocks());
}

// A launch that the first block does alone. The next one of such finds what it has written without that other blocks are met.
template <auto KERNEL, unsigned int X, unsigned int Y, unsigned int Z, unsigned int THREADS>
__device__ inline void take_alone(const unsigned long long* arguments) {
    if (own_block() == 0) take_blocks<KERNEL, X, Y, Z, THREADS>(arguments, 0, 1);
}

}  // namespace staying

__device__ void one_step(const unsigned long long* arguments, unsigned int* arrived);

// So many steps. `arguments` are those of all launches, behind each other.
extern "C" __global__ void __launch_bounds__(ONE_KERNEL_THREADS)
    one_kernel(const unsigned long long* arguments, unsigned int* arrived, int steps) {
    for (int step = 0; step < steps; ++step) one_step(arguments, arrived);
}

#undef __global__
#undef __launch_bounds__
#undef __restrict__
#define __global__ __device__ inline
#define __launch_bounds__(...)
// What a launch reads another one may have written, in the same kernel: no loads that take it for constant.
#define __restrict__
#define __ldg(from) (*(from))
#define blockIdx staying::block
#define gridDim staying::grid
#define blockDim staying::threads
#define __syncthreads() staying::meet_some(staying::threads.x)
