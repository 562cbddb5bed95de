// The threads of a block as fibers of one thread, which take turns where they wait. A barrier of hundreds of threads takes them
// microseconds, however busy the machine is.
#pragma once

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

namespace shim {

// The fibers of a block.
class Fibers {
public:
    // Calls body(fiber) in each of so many fibers, until all have returned.
    void run(unsigned int count, std::function<void(unsigned int)> of_each) {
        body = std::move(of_each);
        contexts.resize(count);
        ended.assign(count, false);
        left = count;
        // Stacks stay. Nothing is written to them here: most of each is never touched.
        while (stacks.size() < count) stacks.push_back(std::make_unique_for_overwrite<char[]>(STACK));
        for (unsigned int i = 0; i < contexts.size(); ++i) {
            getcontext(&contexts[i]);
            contexts[i].uc_stack.ss_sp = stacks[i].get();
            contexts[i].uc_stack.ss_size = STACK;
            contexts[i].uc_link = nullptr;
            makecontext(&contexts[i], enter, 0);
        }
        running = this;
        progress();
        current = 0;
        swapcontext(&caller, &contexts[0]);
        running = nullptr;
    }

    // Lets the others run.
    void yield() {
        const unsigned int self = current;
        idle += 1;
        if (idle > 2 * contexts.size()) {
            std::fputs("threads of a block wait for each other at different places\n", stderr);
            std::abort();
        }
        current = next();
        if (current != self) swapcontext(&contexts[self], &contexts[current]);
    }

    // Says that waiting has come to an end for some.
    void progress() { idle = 0; }

    static inline Fibers* running = nullptr;

private:
    static constexpr std::size_t STACK = 64 * 1024;

    static void enter() {
        Fibers& all = *running;
        all.body(all.current);
        all.progress();
        all.ended[all.current] = true;
        all.left -= 1;
        if (all.left == 0) setcontext(&all.caller);
        all.current = all.next();
        setcontext(&all.contexts[all.current]);
    }

    // The next fiber that has not ended.
    unsigned int next() const {
        unsigned int i = current;
        do i = (i + 1) % static_cast<unsigned int>(contexts.size());
        while (ended[i]);
        return i;
    }

    ucontext_t caller{};
    std::vector<ucontext_t> contexts;
    std::vector<std::unique_ptr<char[]>> stacks;
    std::vector<bool> ended;
    std::function<void(unsigned int)> body;
    unsigned int current = 0, left = 0;
    std::size_t idle = 0;
};

// Kept, with their stacks, for all launches.
inline Fibers& the_fibers() {
    static Fibers fibers;
    return fibers;
}

// Where so many fibers wait for each other, again and again.
class Barrier {
public:
    explicit Barrier(unsigned int fibers) : expected(fibers) {}

    void arrive_and_wait() {
        const auto now = turn;
        arrived += 1;
        open_if_all_are_there();
        while (turn == now) Fibers::running->yield();
    }

    // From now on nobody waits for this fiber.
    void arrive_and_drop() {
        expected -= 1;
        open_if_all_are_there();
    }

private:
    void open_if_all_are_there() {
        if (arrived < expected) return;
        arrived = 0;
        turn += 1;
        Fibers::running->progress();
    }

    unsigned int expected, arrived = 0;
    unsigned long turn = 0;
};

// Calls begin(block) once and then run(thread, block) in each fiber, for one block after the other.
template <class Begin, class Run>
void run_blocks(unsigned int threads, unsigned int blocks, Begin begin, Run run) {
    for (unsigned int block = 0; block < blocks; ++block) {
        begin(block);
        the_fibers().run(threads, [&](unsigned int thread) { run(thread, block); });
    }
}

}  // namespace shim
