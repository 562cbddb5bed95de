//! A device that does what it is asked for as late as it may, on the host.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use keras::device::memory::{Elem, Region, Span};
use keras::device::{Device, Engine, Host, Program, Space, Staged, TURNS};
use keras::{Error, Result};

/// What has been seen of a device.
#[derive(Default)]
pub(crate) struct Seen {
    /// The most bytes that data have taken.
    pub(crate) most: usize,
    /// How often something was copied while programs that had been run before were not done.
    pub(crate) beside: usize,
    /// How often the host has waited for programs.
    pub(crate) waits: usize,
    /// What is left until sending fails, once.
    pub(crate) fails_in: Option<usize>,
}

/// What a device still has to do.
enum Task {
    Run(usize, usize),
    Copy { turn: usize, at: [usize; 2], to: Vec<Span> },
}

/// A device that puts off what it runs for as long as it may, and copies as early as it may: the host, with so much memory.
pub(crate) struct Late {
    host: Host<()>,
    memory: Option<usize>,
    taken: BTreeMap<Region, usize>,
    work: usize,
    staged: [(Vec<f32>, Vec<u32>); TURNS],
    tasks: VecDeque<Task>,
    /// How many tasks are done.
    done: usize,
    /// By turn, how many tasks have to be done before it is sent again, and before its memory is filled again.
    used: [usize; TURNS],
    sent: [usize; TURNS],
    last: Option<usize>,
    seen: Arc<Mutex<Seen>>,
}

impl Late {
    /// The device with so much memory, if it is not endless, and what is seen of it.
    pub(crate) fn device(memory: Option<usize>) -> (Device, Arc<Mutex<Seen>>) {
        let seen = Arc::<Mutex<Seen>>::default();
        let late = Late {
            host: Host::default(),
            memory,
            taken: BTreeMap::new(),
            work: 0,
            staged: Default::default(),
            tasks: VecDeque::new(),
            done: 0,
            used: [0; TURNS],
            sent: [0; TURNS],
            last: None,
            seen: seen.clone(),
        };
        (Device::with_engine(Box::new(late)), seen)
    }

    /// Copies some of what is staged, from these elements on.
    fn copy(&mut self, turn: usize, at: [usize; 2], to: &[Span]) -> Result<[usize; 2]> {
        let len = |words: bool| to.iter().filter(|to| is_words(to) == words).map(|to| to.len).sum::<usize>();
        let end = [at[0] + len(false), at[1] + len(true)];
        let (floats, words) = &self.staged[turn];
        let staged = self.host.stage(turn, end[0] - at[0], end[1] - at[1])?;
        staged.floats.copy_from_slice(&floats[at[0]..end[0]]);
        staged.words.copy_from_slice(&words[at[1]..end[1]]);
        self.host.send(turn, to, &[])?;
        Ok(end)
    }

    /// Does what is to be done, until so much of it is done.
    fn until(&mut self, done: usize) -> Result<()> {
        while self.done < done {
            match self.tasks.pop_front() {
                Some(Task::Run(program, times)) => self.host.run(program, times)?,
                Some(Task::Copy { turn, at, to }) => drop(self.copy(turn, at, &to)?),
                None => panic!("{done} tasks to be done, where there were {}", self.done),
            }
            self.done += 1;
        }
        Ok(())
    }

    fn all(&mut self) -> Result<()> {
        self.until(self.done + self.tasks.len())
    }

    /// As [`Late::all`], since the host asks for something.
    fn wait(&mut self) -> Result<()> {
        self.seen.lock().unwrap().waits += usize::from(!self.tasks.is_empty());
        self.all()
    }

    fn free(&self) -> Option<usize> {
        let taken: usize = self.taken.values().sum();
        self.memory.map(|memory| memory.saturating_sub(taken + self.work))
    }
}

fn is_words(span: &Span) -> bool {
    span.region.elem() == Elem::U32
}

impl Engine for Late {
    fn name(&self) -> String {
        "late".to_owned()
    }

    fn space(&self) -> Result<Option<Space>> {
        Ok(self.memory.zip(self.free()).map(|(total, free)| Space { free, total }))
    }

    fn allocate(&mut self, region: Region, len: usize) -> Result<()> {
        self.all()?;
        self.taken.remove(&region);
        let bytes = len * region.elem().size();
        if let Some(free) = self.free().filter(|free| *free < bytes) {
            let reason = format!("{bytes} bytes for {region:?}, where {free} are free");
            return Err(Error::Device { device: self.name(), reason });
        }
        self.taken.insert(region, bytes);
        let data: usize = self.taken.iter().filter(|(region, _)| region.is_data()).map(|(_, bytes)| bytes).sum();
        let most = &mut self.seen.lock().unwrap().most;
        *most = data.max(*most);
        self.host.allocate(region, len)
    }

    fn stage(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        self.until(self.sent[turn])?;
        let staged = &mut self.staged[turn];
        *staged = (vec![f32::NAN; floats], vec![u32::MAX; words]);
        Ok(Staged { floats: &mut staged.0, words: &mut staged.1 })
    }

    fn send(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        let mut seen = self.seen.lock().unwrap();
        let left = seen.fails_in;
        seen.fails_in = left.and_then(|left| left.checked_sub(1));
        drop(seen);
        if left == Some(0) {
            return Err(Error::Device { device: self.name(), reason: "the cable is out".to_owned() });
        }
        if let Some(last) = self.last.replace(turn) {
            self.used[last] = self.done + self.tasks.len();
        }
        self.until(self.used[turn])?;
        self.seen.lock().unwrap().beside += usize::from(!self.tasks.is_empty() && !ahead.is_empty());
        let at = self.copy(turn, [0; 2], ahead)?;
        self.tasks.push_back(Task::Copy { turn, at, to: then.to_vec() });
        self.sent[turn] = self.done + self.tasks.len();
        Ok(())
    }

    fn write_f32(&mut self, to: Span, from: &[f32]) -> Result<()> {
        self.wait()?;
        self.host.write_f32(to, from)
    }

    fn write_u32(&mut self, to: Span, from: &[u32]) -> Result<()> {
        self.wait()?;
        self.host.write_u32(to, from)
    }

    fn write_f64(&mut self, to: Span, from: &[f64]) -> Result<()> {
        self.wait()?;
        self.host.write_f64(to, from)
    }

    fn read_f32(&mut self, from: Span, to: &mut [f32]) -> Result<()> {
        self.wait()?;
        self.host.read_f32(from, to)
    }

    fn read_u32(&mut self, from: Span, to: &mut [u32]) -> Result<()> {
        self.wait()?;
        self.host.read_u32(from, to)
    }

    fn read_f64(&mut self, from: Span, to: &mut [f64]) -> Result<()> {
        self.wait()?;
        self.host.read_f64(from, to)
    }

    fn load(&mut self, program: Program) -> Result<usize> {
        let bytes = program.work * 4;
        if let Some(free) = self.free().filter(|free| free + self.work < bytes) {
            let reason = format!("{bytes} bytes for buffers, where {free} are free");
            return Err(Error::Device { device: self.name(), reason });
        }
        self.work = self.work.max(bytes);
        self.host.load(program)
    }

    fn forget(&mut self) {
        self.all().unwrap();
        self.host.forget();
    }

    fn run(&mut self, program: usize, times: usize) -> Result<()> {
        self.tasks.push_back(Task::Run(program, times));
        Ok(())
    }
}
