//! Who waits, and how many lanes take them.

use diesel::{PgConnection, QueryResult};

use super::*;

/// Something that goes with anything else but the same.
struct Wanted(u8);

impl Shared for Wanted {
    type Answer = ();

    const NAME: &'static str = "Tests::want";
    const LANES: usize = 2;
    const MOST: usize = 3;
    const MAY_REPEAT: bool = true;

    fn goes_with(&self, others: &[Self]) -> bool {
        others.iter().all(|other| other.0 != self.0)
    }

    fn alone(&self, _: &mut PgConnection) -> QueryResult<()> {
        Ok(())
    }

    fn together(_: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<()>>> {
        Ok(these.iter().map(|_| Some(())).collect())
    }
}

/// A line, and those in it who still wait for their answers.
struct Test {
    line: Line<Wanted>,
    in_line: AtomicUsize,
    waiting: Vec<oneshot::Receiver<Result<Done<Wanted>, RepositoryError>>>,
}

impl Default for Test {
    fn default() -> Self {
        Self {
            line: Line::new(Wanted::MOST),
            in_line: AtomicUsize::new(0),
            waiting: Vec::new(),
        }
    }
}

impl Test {
    /// Whether it opens a lane of a service with so many connections, in whose lines 9 may wait.
    fn enter(&mut self, wanted: u8, threads: usize) -> Result<bool, RepositoryError> {
        let (answer, answered) = oneshot::channel();
        let caller = Caller {
            turn: Turn::default(),
            span: Span::none(),
            answer,
        };
        self.waiting.push(answered);
        let (wanted, limits) = (Wanted(wanted), (9, threads));
        self.line.enter(wanted, caller, limits, &self.in_line)
    }

    fn opened(&mut self, count: u8, threads: usize) -> Vec<bool> {
        let all = 0..count;
        all.map(|n| self.enter(n, threads).unwrap()).collect()
    }

    fn next(&mut self) -> Vec<u8> {
        let (wanted, _) = self.line.next(&self.in_line);
        wanted.into_iter().map(|wanted| wanted.0).collect()
    }
}

#[test]
fn lanes_are_opened_for_the_first_and_for_crowds_and_never_more_than_connections() {
    let all = |lanes, count| (0..count).map(|n| lanes > n).collect::<Vec<bool>>();

    assert_eq!(Test::default().opened(3, 1), all(1, 3));
    assert_eq!(Test::default().opened(9, 2), all(2, 9));
    let mut opened = all(2, 9);
    // The fourth is one more than a statement does for, and the seventh than two.
    opened[3] = true;
    opened[6] = true;
    assert_eq!(Test::default().opened(9, 8), opened);
    opened[6] = false;
    assert_eq!(Test::default().opened(9, 3), opened);
}

#[test]
fn no_more_wait_than_may_in_all_lines_together() {
    let mut test = Test::default();
    test.in_line.store(8, Ordering::Relaxed);

    assert!(test.enter(0, 2).is_ok());
    assert!(test.enter(1, 2).is_err());
    assert_eq!(test.next(), [0]);
    assert!(test.enter(2, 2).is_ok());
}

#[test]
fn a_statement_does_for_those_who_have_waited_longest_and_go_together() {
    let mut test = Test::default();
    for wanted in [1, 1, 2, 3, 4, 1] {
        test.enter(wanted, 1).unwrap();
    }
    // Who has gone is passed over.
    test.waiting[2].close();

    assert_eq!(test.next(), [1, 3, 4]);
    assert!(test.line.goes_on());
    assert_eq!(test.next(), [1]);
    assert_eq!(test.next(), [1]);
    assert_eq!(test.in_line.load(Ordering::Relaxed), 0);
    assert!(!test.line.goes_on());
    assert_eq!(test.line.lanes, 0);
}

#[test]
fn who_waits_for_long_gets_another_lane() {
    let mut test = Test::default();
    let long_ago = || Instant::now().checked_sub(LONG * 2).unwrap();
    test.opened(3, 3);
    test.line.begin();
    test.line.begin();

    assert!(!test.line.is_stuck(3), "nobody has waited for long");
    test.line.moved = long_ago();
    assert!(test.line.is_stuck(3));
    test.line.begin();
    assert!(!test.line.is_stuck(4), "one is opened for all who wait");
    test.line.moved = long_ago();
    assert!(!test.line.is_stuck(3), "there is no connection for it");
    test.line.give_way();
    assert!(!test.line.is_stuck(4), "one waits for a connection already");
    test.line.begin();
    assert_eq!(test.next(), [0, 1, 2]);
    test.line.moved = long_ago();
    assert!(!test.line.is_stuck(9), "nobody waits");
}

#[test]
fn a_lane_that_can_t_go_on_leaves_those_who_wait_to_the_others() {
    let mut test = Test::default();
    test.opened(3, 2);

    assert_eq!(test.line.close_lane(&test.in_line).len(), 0);
    assert_eq!(test.line.close_lane(&test.in_line).len(), 3);
    assert_eq!(test.in_line.load(Ordering::Relaxed), 0);
    assert!(test.enter(9, 2).unwrap(), "the next caller opens one");
}
