// The threads of a block as threads, so that sanitizers see what they do to each other.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace shim {

// Where so many threads wait for each other, again and again. It sleeps at once: there are far more threads than cores.
class Barrier {
public:
    explicit Barrier(unsigned int threads) : expected(threads) {}

    void arrive_and_wait() {
        std::unique_lock lock(mutex);
        const auto now = turn;
        arrived += 1;
        open_if_all_are_there();
        opened.wait(lock, [&] { return turn != now; });
    }

    // From now on nobody waits for this thread.
    void arrive_and_drop() {
        const std::lock_guard lock(mutex);
        expected -= 1;
        open_if_all_are_there();
    }

private:
    void open_if_all_are_there() {
        if (arrived < expected) return;
        arrived = 0;
        turn += 1;
        opened.notify_all();
    }

    std::mutex mutex;
    std::condition_variable opened;
    unsigned int expected, arrived = 0;
    unsigned long turn = 0;
};

// Calls begin(block) once and then run(thread, block) in each thread, for one block after the other.
template <class Begin, class Run>
void run_blocks(unsigned int threads, unsigned int blocks, Begin begin, Run run) {
    Barrier all(threads);
    std::vector<std::jthread> team;
    for (unsigned int thread = 0; thread < threads; ++thread) {
        team.emplace_back([&, thread] {
            for (unsigned int block = 0; block < blocks; ++block) {
                all.arrive_and_wait();
                if (thread == 0) begin(block);
                all.arrive_and_wait();
                run(thread, block);
            }
        });
    }
}

}  // namespace shim
