//! The real program as a process: `matron dev` in a folder and on ports of its own, ended by pid.
//!
//! The process is this very test binary, started again on the one test below, so that it carries the
//! crash points that only tests compile.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Set for a process that ends when its standard input does.
const ENDS_WITH_INPUT: &str = "MATRON_ENDS_WITH_INPUT";

/// How to start a Matron.
#[derive(Default, Clone)]
pub(crate) struct Options {
    /// What lies in DIR/clock before the first start.
    pub(crate) clock: Option<String>,
    /// `--database`; none is the engine of this run: embedded SQLite, or a fresh database on PostgreSQL where
    /// `MATRON_TEST_ENGINE=postgresql` says so.
    pub(crate) database: Option<String>,
    /// `NAME` or `NAME:N`: die as by `kill -9` at the N-th time that crash point is reached.
    pub(crate) crash: Option<String>,
    /// Further arguments of `matron dev`.
    pub(crate) arguments: Vec<String>,
}

/// A running `matron dev`; ended when dropped.
pub(crate) struct Matron {
    pub(crate) dev: Value,
    pub(crate) port: u16,
    folder: PathBuf,
    /// The URL of a PostgreSQL database; none is `matron.db` in the folder.
    pub(crate) database: Option<String>,
    child: Child,
    /// While it is open, the process goes on.
    _input: ChildStdin,
    home: Option<TempDir>,
}

impl Matron {
    /// The one Matron that tests share which change nothing for others: its clock stands where it started.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Matron> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Options::default()))
    }

    /// A fresh Matron in a folder of its own, on the engine of this run.
    pub(crate) fn start(mut options: Options) -> Self {
        options.database = options.database.or_else(super::engine::of_this_run);
        let home = TempDir::new().expect("a temporary folder");
        let folder = home.path().join("dev");
        let mut matron =
            Self::start_in(&folder, free_ports(), options).expect("matron dev is ready");
        matron.home = Some(home);
        matron
    }

    /// Starts in `folder`; an `Err` holds what the process said before it ended.
    pub(crate) fn start_in(folder: &Path, port: u16, options: Options) -> Result<Self, String> {
        if let Some(clock) = &options.clock {
            fs::create_dir_all(folder).expect("the dev folder");
            fs::write(folder.join("clock"), clock).expect("the clock file");
        }
        let mut child = command(folder, port, &options)
            .spawn()
            .expect("this test binary starts again");
        let mut out = BufReader::new(child.stdout.take().expect("its standard output"));
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|n| n > 0) {
            if line.trim_start().starts_with("ready") {
                let text = fs::read_to_string(folder.join("dev.json")).expect("dev.json");
                let dev = serde_json::from_str(&text).expect("dev.json is JSON");
                // A log that nobody reads fills its pipe, and the process waits for ever.
                let input = child.stdin.take().expect("its standard input");
                let mut log = child.stderr.take().expect("its standard error");
                std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
                std::thread::spawn(move || io::copy(&mut out, &mut io::sink()));
                return Ok(Self {
                    dev,
                    port,
                    folder: folder.to_path_buf(),
                    database: options.database,
                    child,
                    _input: input,
                    home: None,
                });
            }
            line.clear();
        }
        let mut said = String::new();
        if let Some(mut err) = child.stderr.take() {
            err.read_to_string(&mut said).ok();
        }
        child.wait().ok();
        Err(said)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whom to ask for CPU time, and whom to end.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time that the process has used so far, with that of threads that ended, in ms; the kernel counts in steps
    /// of 10 (proc_pid_stat(5)).
    pub(crate) fn cpu_ms(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("proc");
        let (_, after_name) = text.rsplit_once(") ").expect("a name in brackets");
        let ticks: Vec<u64> = after_name
            .split(' ')
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse().expect("a number"))
            .collect();
        ticks.iter().sum::<u64>() * 10
    }

    /// Moves the clock: an instant or an offset, from the next request on.
    pub(crate) fn set_clock(&self, clock: &str) {
        let new = self.folder.join("clock.new");
        fs::write(&new, clock).expect("the clock file");
        fs::rename(new, self.folder.join("clock")).expect("the clock file");
    }

    pub(crate) fn issuer(&self) -> String {
        self.text("/issuer")
    }

    pub(crate) fn card_url(&self) -> String {
        self.text("/card_url")
    }

    /// A text in dev.json by JSON pointer, such as `/people/amara/user_id`.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.dev.pointer(pointer).and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("dev.json has no text at {pointer}"))
            .to_owned()
    }

    /// The bytes of a file that dev.json names at `pointer`.
    pub(crate) fn file(&self, pointer: &str) -> Vec<u8> {
        fs::read(self.folder.join(self.text(pointer))).expect("a file that dev.json names")
    }

    /// What its clock says: the file if there is one, else the machine's.
    pub(crate) fn now(&self) -> i64 {
        let file = fs::read_to_string(self.folder.join("clock")).ok();
        let machine = std::time::UNIX_EPOCH
            .elapsed()
            .expect("after 1970")
            .as_secs();
        file.and_then(|text| text.trim().parse::<policies::time::Time>().ok())
            .map_or(
                i64::try_from(machine).expect("before the end of time"),
                policies::time::Time::unix,
            )
    }

    /// The bodies of all audit lines, oldest first.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let lines = self.texts("SELECT event FROM audit ORDER BY lane, seq");
        let read = lines
            .iter()
            .map(|body| serde_json::from_str(body).expect("JSON"));
        read.collect()
    }

    /// The first column of what this statement finds, text.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        if let Some(url) = &self.database {
            return super::engine::texts(url, sql);
        }
        let path = self.folder.join("matron.db");
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = rusqlite::Connection::open_with_flags(path, flags).expect("the database");
        first_column(&file, sql)
    }

    /// Changes rows as another node would; the first column of what comes back, text.
    pub(crate) fn change(&self, sql: &str) -> Vec<String> {
        if let Some(url) = &self.database {
            return super::engine::texts(url, sql);
        }
        let file = rusqlite::Connection::open(self.folder.join("matron.db"));
        let file = file.expect("the database");
        file.busy_timeout(Duration::from_secs(5)).expect("a wait");
        first_column(&file, sql)
    }

    /// How many audit lines of this kind there are that hold `text` somewhere.
    pub(crate) fn audit_lines(&self, kind: &str, text: &str) -> usize {
        self.audit()
            .iter()
            .map(Value::to_string)
            .filter(|l| l.contains(kind) && l.contains(text))
            .count()
    }

    /// Asks it to end, as a service manager does, and waits for it.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()
            .expect("kill");
        self.child.wait().expect("it ends")
    }

    /// Ends it as a power cut would and gives back what starts it again.
    pub(crate) fn kill(mut self) -> Option<TempDir> {
        self.child.kill().ok();
        self.child.wait().ok();
        self.home.take()
    }
}

impl Drop for Matron {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn first_column(file: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut all = file.prepare(sql).expect("a statement");
    let rows = all
        .query_map([], |row| row.get::<_, String>(0))
        .expect("rows");
    rows.map(|row| row.expect("text")).collect()
}

/// A port with three free ones above it, never given twice to this process.
pub(crate) fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 20_000 + u16::try_from(std::process::id() % 300).expect("small") * 40;
    loop {
        let port = start + NEXT.fetch_add(4, Ordering::Relaxed) % 12_000;
        if (port..port + 4).all(|p| TcpListener::bind(("127.0.0.1", p)).is_ok()) {
            return port;
        }
    }
}

fn command(folder: &Path, port: u16, options: &Options) -> Command {
    let mut arguments = vec![
        "dev".to_owned(),
        "--dir".into(),
        folder.display().to_string(),
    ];
    arguments.extend(["--port".into(), port.to_string()]);
    if let Some(database) = &options.database {
        arguments.extend(["--database".into(), database.clone()]);
    }
    arguments.extend(options.arguments.iter().cloned());
    let mut command = program(&arguments);
    // Ends with this process, also the one that all tests share, which nobody drops.
    command.stdin(Stdio::piped()).env(ENDS_WITH_INPUT, "1");
    match &options.crash {
        Some(point) => command.env("MATRON_CRASH", point),
        None => command.env_remove("MATRON_CRASH"),
    };
    command
}

/// `matron ARGUMENTS` as a process of its own, with its output in pipes.
pub(crate) fn program(arguments: &[String]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test binary"));
    command
        .args([
            "--exact",
            "support::matron::the_program_itself",
            "--nocapture",
            "--ignored",
        ])
        .env(
            "MATRON_ARGUMENTS",
            serde_json::to_string(arguments).expect("JSON"),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
#[ignore = "the body of the processes that the other tests start"]
#[expect(
    clippy::disallowed_methods,
    reason = "the other half of `program` above"
)]
fn the_program_itself() {
    let arguments = std::env::var("MATRON_ARGUMENTS").expect("started by `program`");
    let arguments: Vec<String> = serde_json::from_str(&arguments).expect("JSON");
    if std::env::var_os(ENDS_WITH_INPUT).is_some() {
        std::thread::spawn(|| {
            io::copy(&mut io::stdin(), &mut io::sink()).ok();
            std::process::exit(0);
        });
    }
    let code = gateway::cli::main_with(std::iter::once("matron".to_owned()).chain(arguments));
    std::process::exit(i32::from(code));
}
