//! A team of threads that share out the rows of a batch, or the weights of a model.
//!
//! A step of training has a few regions of work, each tens of microseconds or more, one right behind the other. To wake a
//! thread that sleeps takes as long as such a region, so the members of a team wait for work with open eyes for a while
//! before they go to sleep. Each model that is trained has a team of its own.

use std::any::Any;
use std::cell::UnsafeCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// The most threads of a team.
pub const MOST: usize = 256;

/// How often a member looks for work before it goes to sleep: for some tenths of a millisecond, several steps of a small
/// model.
const LOOKS: u32 = 20_000;

/// How often the caller looks whether the others are done before it lets other processes have the core.
const PATIENCE: u32 = 50_000;

/// What the members do: it is called with the index of the member.
type Work<'a> = &'a (dyn Fn(usize) + Sync);

struct Shared {
    /// How many calls of [`Team::run`] there have been: a member works when it changes.
    calls: AtomicUsize,
    /// The work of the last call. It is written before `calls` changes, and read after.
    work: UnsafeCell<Option<Work<'static>>>,
    /// Members that have not done their part of it yet.
    busy: AtomicUsize,
    /// What the first member that panicked had to say.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    stop: AtomicBool,
}

// SAFETY: `work` is written only by `Team::run`, which has the team for itself, while no member reads it: they read it
// after `calls` has changed and before they count themselves out of `busy`, and `run` waits for that before it returns.
unsafe impl Sync for Shared {}
// SAFETY: what `work` points to is `Sync`.
unsafe impl Send for Shared {}

struct Member {
    thread: JoinHandle<()>,
    asleep: Arc<AtomicBool>,
}

/// Threads that work together, the caller being the first of them.
///
/// ```
/// use keras_kernels::threads::Team;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// let mut team = Team::new(3)?;
/// let sum = AtomicUsize::new(0);
/// team.run(&|i| {
///     sum.fetch_add(i, Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 0 + 1 + 2);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Team {
    shared: Arc<Shared>,
    members: Vec<Member>,
}

impl Team {
    /// A team of so many threads, at least 1 and at the most [`MOST`]; all but the first are started.
    ///
    /// # Errors
    /// If the system gives no more threads.
    pub fn new(threads: usize) -> io::Result<Team> {
        let shared = Arc::new(Shared {
            calls: AtomicUsize::new(0),
            work: UnsafeCell::new(None),
            busy: AtomicUsize::new(0),
            panic: Mutex::new(None),
            stop: AtomicBool::new(false),
        });
        let mut team = Team { shared, members: Vec::new() };
        for index in 1..threads.clamp(1, MOST) {
            let (shared, asleep) = (Arc::clone(&team.shared), Arc::new(AtomicBool::new(false)));
            let flag = Arc::clone(&asleep);
            let thread =
                thread::Builder::new().name(format!("keras-{index}")).spawn(move || work(&shared, &flag, index))?;
            team.members.push(Member { thread, asleep });
        }
        Ok(team)
    }

    /// How many threads it has.
    #[must_use]
    pub fn threads(&self) -> usize {
        1 + self.members.len()
    }

    /// Has each thread do its part of the work, and waits for all of them.
    ///
    /// # Panics
    /// If one of them does.
    pub fn run(&mut self, work: Work<'_>) {
        if self.members.is_empty() {
            return work(0);
        }
        let shared = &*self.shared;
        // SAFETY: the reference is not used after this function: it returns when all members are done with it, even if
        // the caller's own part panics.
        let work: Work<'static> = unsafe { core::mem::transmute::<Work<'_>, Work<'static>>(work) };
        // SAFETY: no member reads it now, as the last call waited for all of them.
        unsafe { *shared.work.get() = Some(work) };
        shared.busy.store(self.members.len(), Ordering::Relaxed);
        // Sequentially consistent, like what a member does before it sleeps: either it sees the call, or it is seen here
        // to sleep.
        shared.calls.fetch_add(1, Ordering::SeqCst);
        for member in &self.members {
            if member.asleep.load(Ordering::SeqCst) {
                member.thread.thread().unpark();
            }
        }
        let own = catch_unwind(AssertUnwindSafe(|| work(0)));
        let mut looks = 0u32;
        while shared.busy.load(Ordering::Acquire) > 0 {
            looks = looks.saturating_add(1);
            if looks < PATIENCE { core::hint::spin_loop() } else { thread::yield_now() }
        }
        let others = shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (own, others) {
            (Err(own), Some(other)) if own.is::<Gone>() => resume_unwind(other),
            (Err(panic), _) | (Ok(()), Some(panic)) => resume_unwind(panic),
            (Ok(()), None) => {}
        }
    }
}

/// Where threads that work on one thing wait for each other.
///
/// What a thread wrote before it came is seen by all that have waited for it. A thread that panics lets the others know
/// (see [`Barrier::leave`]), who panic too instead of waiting for ever.
#[derive(Debug)]
pub(crate) struct Barrier {
    threads: usize,
    /// How many have come in this round.
    here: AtomicUsize,
    /// How many rounds are over.
    rounds: AtomicUsize,
    /// What the first thread of the round came for.
    what: AtomicUsize,
    gone: AtomicBool,
}

/// What a thread panics with that waited for one that panicked.
struct Gone;

impl Barrier {
    pub(crate) fn new(threads: usize) -> Barrier {
        let zero = || AtomicUsize::new(0);
        Barrier { threads, here: zero(), rounds: zero(), what: zero(), gone: AtomicBool::new(false) }
    }

    /// Waits until all threads have come, for the same `what`.
    ///
    /// # Panics
    /// If one comes for something else, or has panicked.
    pub(crate) fn wait(&self, what: usize) {
        let rounds = self.rounds.load(Ordering::Acquire);
        // The word tells 0, nobody has come, from what it may be. It is compared before this thread counts as one that has
        // come: then the round cannot end, and the word not change, until all have compared it.
        let what = what << 1 | 1;
        let other = self.what.compare_exchange(0, what, Ordering::AcqRel, Ordering::Acquire);
        assert!(other.is_ok() || other == Err(what), "threads that wait for each other in different places");
        let first = self.here.fetch_add(1, Ordering::AcqRel);
        if first + 1 == self.threads {
            self.what.store(0, Ordering::Relaxed);
            self.here.store(0, Ordering::Relaxed);
            self.rounds.store(rounds.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut looks = 0u32;
        while self.rounds.load(Ordering::Acquire) == rounds {
            if self.gone.load(Ordering::Relaxed) {
                resume_unwind(Box::new(Gone));
            }
            looks = looks.saturating_add(1);
            if looks < PATIENCE { core::hint::spin_loop() } else { thread::yield_now() }
        }
    }

    /// To be kept by a thread while it may wait here: if it is dropped by a panic, the others are told.
    pub(crate) fn leave(&self) -> Leave<'_> {
        Leave(self)
    }
}

/// See [`Barrier::leave`].
pub(crate) struct Leave<'b>(&'b Barrier);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.gone.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        for Member { thread, .. } in self.members.drain(..) {
            thread.thread().unpark();
            // A panic of the work was told by `run`, and there is no other.
            let _ = thread.join();
        }
    }
}

impl core::fmt::Debug for Team {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Team").field("threads", &self.threads()).finish()
    }
}

/// What a member does all its life.
fn work(shared: &Shared, asleep: &AtomicBool, index: usize) {
    let mut seen = 0;
    loop {
        let mut looks = 0;
        while shared.calls.load(Ordering::Acquire) == seen {
            looks += 1;
            if looks < LOOKS {
                core::hint::spin_loop();
                continue;
            }
            asleep.store(true, Ordering::SeqCst);
            while shared.calls.load(Ordering::SeqCst) == seen {
                thread::park();
            }
            asleep.store(false, Ordering::Relaxed);
        }
        seen = seen.wrapping_add(1);
        if shared.stop.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: `run` wrote it before it changed `calls`, and waits for this member before it writes it again.
        let work = unsafe { *shared.work.get() };
        if let Some(work) = work
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(index)))
        {
            let mut told = shared.panic.lock().unwrap_or_else(PoisonError::into_inner);
            if told.as_ref().is_none_or(|told| told.is::<Gone>()) {
                *told = Some(panic);
            }
        }
        shared.busy.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_member_works_once_in_each_call() {
        for threads in [1, 2, 7] {
            let mut team = Team::new(threads).unwrap();
            let counts: Vec<AtomicUsize> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
            for call in 1..=2000 {
                team.run(&|i| {
                    counts[i].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == call));
                // Some calls find the members asleep.
                if call % 500 == 0 {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    #[test]
    fn a_panic_of_any_member_reaches_the_caller_and_the_team_lives_on() {
        let mut team = Team::new(3).unwrap();
        for who in 0..3 {
            let result = catch_unwind(AssertUnwindSafe(|| team.run(&|i| assert!(i != who, "it was {i}"))));
            assert_eq!(result.unwrap_err().downcast_ref::<String>().unwrap(), &format!("it was {who}"));
            team.run(&|_| {});
        }
    }

    #[test]
    fn threads_wait_for_each_other() {
        for threads in [1, 2, 5] {
            let (mut team, barrier) = (Team::new(threads).unwrap(), Barrier::new(threads));
            let counts: Vec<AtomicUsize> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
            team.run(&|i| {
                for round in 1..=500 {
                    counts[i].store(round, Ordering::Relaxed);
                    barrier.wait(2 * round);
                    assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round));
                    barrier.wait(2 * round + 1);
                }
            });
        }
    }

    #[test]
    fn nobody_waits_for_a_thread_that_panicked() {
        for who in 0..3 {
            let (mut team, barrier) = (Team::new(3).unwrap(), Barrier::new(3));
            let work = |i| {
                let _leave = barrier.leave();
                assert!(i != who, "it was {i}");
                barrier.wait(1);
            };
            let result = catch_unwind(AssertUnwindSafe(|| team.run(&work)));
            assert_eq!(result.unwrap_err().downcast_ref::<String>().unwrap(), &format!("it was {who}"));
        }
    }

    #[test]
    fn threads_do_not_meet_in_different_places() {
        let (mut team, barrier) = (Team::new(2).unwrap(), Barrier::new(2));
        let work = |i| {
            let _leave = barrier.leave();
            barrier.wait(i);
        };
        assert!(catch_unwind(AssertUnwindSafe(|| team.run(&work))).is_err());
    }

    #[test]
    fn what_members_write_is_there_afterwards() {
        let mut team = Team::new(4).unwrap();
        let parts: Vec<Mutex<Vec<usize>>> = (0..4).map(|_| Mutex::default()).collect();
        for _ in 0..100 {
            team.run(&|i| parts[i].lock().unwrap().push(i));
        }
        for (i, part) in parts.iter().enumerate() {
            assert_eq!(*part.lock().unwrap(), vec![i; 100]);
        }
    }
}
