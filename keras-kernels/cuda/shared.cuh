// Memory that the threads of a block share.
#pragma once

// A T of the block, which holds nothing yet. A kernel asks for one, which is what it shares but for a few numbers: where a program is
// one kernel (one_kernel.cuh), those of all launches have the same place.
template <class T>
__device__ inline T& shared() {
#ifdef ONE_KERNEL_THREADS
    static_assert(sizeof(T) <= staying::POOL, "more than a launch of its own could have");
    return *reinterpret_cast<T*>(staying::pool);
#else
    static_assert(sizeof(T) <= 48 * 1024, "more than a block can have without asking for it");
    __shared__ __align__(16) T memory;
    return memory;
#endif
}
