//! What an editor shows inside the macros, asked of rust-analyzer as editors ask it.
//!
//! rust-analyzer is the program that `KERAS_TEST_RUST_ANALYZER` names, or the one on the path. Without it the test says so
//! and passes; what the words stand for is then only checked by rustc, in the second test.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const SOURCE: &str = include_str!("editor/models.rs");

/// How long the project may take to be loaded, its macros compiled, and how long an answer.
const LOADING: Duration = Duration::from_secs(900);
const ANSWER: Duration = Duration::from_secs(120);

/// A crate that depends on keras, with this source.
fn package(name: &str, source: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(package.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nkeras = {{ path = {root:?} \
         }}\n\n[workspace]\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    fs::write(package.join("src/lib.rs"), source).unwrap();
    package
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor-target")
}

/// rust-analyzer, if there is one that answers.
fn analyzer() -> Option<String> {
    let program = std::env::var("KERAS_TEST_RUST_ANALYZER").unwrap_or_else(|_| "rust-analyzer".to_owned());
    let answers = Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
    answers.then_some(program)
}

/// A running server, and what it says.
struct Server {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    waiting: VecDeque<Value>,
    file: String,
    version: i64,
    next: i64,
}

impl Server {
    fn start(program: &str, package: &Path) -> Server {
        let mut child = Command::new(program)
            .current_dir(package)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", target())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let uri = |path: &Path| format!("file://{}", path.display());
        let file = uri(&package.join("src/lib.rs"));
        let waiting = VecDeque::new();
        let mut server = Server { child, input, messages, waiting, file, version: 1, next: 0 };
        let root = uri(package);
        server.ask(
            "initialize",
            json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{ "uri": root, "name": "models" }],
                "capabilities": {
                    "textDocument": { "hover": { "contentFormat": ["markdown"] }, "diagnostic": {} },
                    "experimental": { "serverStatusNotification": true },
                },
                "initializationOptions": {
                    "checkOnSave": false,
                    "cachePriming": { "enable": false },
                    "procMacro": { "enable": true },
                    "cargo": { "buildScripts": { "enable": true } },
                },
            }),
        );
        server.tell("initialized", json!({}));
        server.open(SOURCE);
        server.loaded();
        server
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The next message that is no question of the server's; these are answered with nothing.
    fn message(&mut self, until: Instant) -> Value {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).expect("rust-analyzer answers");
            match (message.get("id"), message.get("method")) {
                (Some(id), Some(_)) => {
                    let answer = json!({ "jsonrpc": "2.0", "id": id, "result": null });
                    self.send(&answer);
                }
                _ => return message,
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        // What is asked while the server takes in a change is refused, and asked again.
        loop {
            self.next += 1;
            let id = self.next;
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            let until = Instant::now() + ANSWER;
            let answer = loop {
                let message = self.message(until);
                if message.get("id") == Some(&json!(id)) {
                    break message;
                }
                self.waiting.push_back(message);
            };
            match answer.get("error") {
                None => return answer["result"].clone(),
                Some(error) if error["code"] == -32801 => std::thread::sleep(Duration::from_millis(200)),
                Some(error) => panic!("{method}: {error}"),
            }
        }
    }

    fn open(&mut self, text: &str) {
        let document = json!({ "uri": self.file, "languageId": "rust", "version": self.version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.file, "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    /// Waits until the project is loaded and its macros are compiled.
    fn loaded(&mut self) {
        let until = Instant::now() + LOADING;
        loop {
            let message = self.waiting.pop_front().unwrap_or_else(|| self.message(until));
            if message["method"] == "experimental/serverStatus" && message["params"]["quiescent"] == true {
                assert_ne!(message["params"]["health"], "error", "{message}");
                return;
            }
        }
    }

    fn at(&mut self, method: &str, text: &str, place: &str) -> Value {
        let (line, character) = position(text, place);
        let document = json!({ "uri": self.file });
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": document, "position": position }))
    }

    /// What is shown of the word at `place`, in which `|` marks the cursor.
    fn hover(&mut self, place: &str) -> String {
        let answer = self.at("textDocument/hover", SOURCE, place);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Where the word at `place` is defined: the file, and the text of the line from there on.
    fn definition(&mut self, place: &str) -> Vec<(PathBuf, String)> {
        let answer = self.at("textDocument/definition", SOURCE, place);
        let list = answer.as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|link| {
                let uri = link.get("targetUri").or(link.get("uri")).and_then(Value::as_str).unwrap_or_default();
                let range = link.get("targetSelectionRange").or(link.get("range")).cloned().unwrap_or_default();
                let path = PathBuf::from(uri.trim_start_matches("file://"));
                let number = |key: &str| range["start"][key].as_u64().unwrap_or_default() as usize;
                let text = fs::read_to_string(&path).unwrap_or_default();
                let line = text.lines().nth(number("line")).unwrap_or_default();
                (path, line.get(number("character")..).unwrap_or_default().to_owned())
            })
            .collect()
    }

    /// The errors and warnings that the server finds by itself.
    fn mistakes(&mut self) -> Vec<String> {
        let document = json!({ "uri": self.file });
        let answer = self.ask("textDocument/diagnostic", json!({ "textDocument": document }));
        let items = answer["items"].as_array().cloned().expect("a list");
        items.iter().filter(|item| item["severity"].as_u64() <= Some(2)).map(ToString::to_string).collect()
    }

    /// What is offered after `old` in the source was made `new`, in which `|` marks the cursor.
    fn completion(&mut self, old: &str, new: &str) -> Vec<String> {
        assert_eq!(SOURCE.matches(old).count(), 1, "{old}");
        let text = SOURCE.replace(old, &new.replace('|', ""));
        self.change(&text);
        let (line, character) = at(&text, SOURCE.find(old).unwrap() + new.find('|').expect("a cursor"));
        let document = json!({ "uri": self.file });
        let position = json!({ "line": line, "character": character });
        let answer = self.ask("textDocument/completion", json!({ "textDocument": document, "position": position }));
        self.change(SOURCE);
        let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item["label"].as_str()).map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One message of the protocol: headers, an empty line, and as many bytes as the headers say.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim() {
            "" => break,
            header => {
                if let Some(bytes) = header.strip_prefix("Content-Length:") {
                    length = bytes.trim().parse().ok()?;
                }
            }
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Line and column of the `|` in `place`, which stands once in the text without it. The sources are ASCII.
fn position(text: &str, place: &str) -> (usize, usize) {
    let cursor = place.find('|').expect("a cursor");
    let plain = place.replace('|', "");
    assert_eq!(text.matches(&plain).count(), 1, "{place}");
    at(text, text.find(&plain).unwrap() + cursor)
}

/// Line and column of a byte.
fn at(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte];
    (before.matches('\n').count(), byte - before.rfind('\n').map_or(0, |newline| newline + 1))
}

#[test]
fn an_editor_finds_its_way() {
    let Some(program) = analyzer() else {
        println!("skipped: no rust-analyzer on the path, and none named by KERAS_TEST_RUST_ANALYZER");
        return;
    };
    let package = package("models", SOURCE);
    let mut server = Server::start(&program, &package);
    let mut mistakes: Vec<String> = Vec::new();

    let told = server.mistakes();
    if !told.is_empty() {
        mistakes.push(format!("an editor finds fault with correct code: {told:?}"));
    }

    for (place, expected) in [
        ("De|nse(HIDDEN, relu,", "over the last dimension"),
        ("De|nse(HIDDEN, relu,", "units"),
        ("Dense(HID|DEN, relu,", "The size of the hidden layer"),
        ("Dense(HIDDEN, re|lu,", "activation `relu`"),
        ("use_|bias = false", "`true` if not given"),
        ("un|its = 32", "A size that must be given"),
        ("activation = ta|nh", "activation `tanh`"),
        ("He|Normal(seed", "initializer `HeNormal`"),
        ("HeNormal(se|ed =", "argument `seed`"),
        ("self::Sc|ale(0.5)", "Multiplies by a number"),
        ("self::Back|bone,", "A trained part"),
        ("self::Resid|ual!(32", "A way around two layers"),
        ("ra|te = 0.2", "The argument `rate`"),
        ("Dropout(ra|te)", "Argument"),
        ("enc|oder(a)", "Dense"),
        ("Concat|enate()", "Concatenate"),
        ("(De|nse(2, softmax)(joined)", "over the last dimension"),
        ("pub struct N|et", "(`HIDDEN`,)|`4 * HIDDEN`|all"),
        ("net.dense.ker|nel", "(4, `HIDDEN`)"),
    ] {
        let shown = server.hover(place);
        if !shown.contains(expected) {
            mistakes.push(format!("hover on {place}: expected {expected:?}, found {shown:?}"));
        }
    }

    for (place, file, expected) in [
        ("self::Sc|ale(0.5)", "lib.rs", "Scale(f32)"),
        ("self::Back|bone,", "lib.rs", "Backbone"),
        ("self::Resid|ual!(32", "lib.rs", "Residual(units"),
        ("ra|te = 0.2", "lib.rs", "rate = 0.1"),
        ("Dense(HID|DEN, relu,", "lib.rs", "HIDDEN: usize"),
        ("enc|oder(a)", "lib.rs", "encoder = Dense"),
        ("Concatenate()(first, sec|ond)", "lib.rs", "second = encoder"),
        ("De|nse(HIDDEN, relu,", "editor.rs", ""),
        ("Dense(HIDDEN, re|lu,", "editor.rs", ""),
        ("net.de|nse.kernel", "lib.rs", "(HIDDEN, relu"),
        ("net.dense.ker|nel", "lib.rs", "(HIDDEN, relu"),
        ("towers.he|ad.bias", "lib.rs", "\"head\""),
    ] {
        let found = server.definition(place);
        if !found.iter().any(|(path, line)| path.ends_with(file) && line.starts_with(expected)) {
            mistakes.push(format!("definition of {place}: expected {expected:?} in {file}, found {found:?}"));
        }
    }

    for (old, new, expected) in [
        ("Dense(2, softmax) >;", "Den|, Dense(2, softmax) >;", &["Dense", "Dropout"][..]),
        ("Dense(2, softmax) >;", "Dense(|) >;", &["units", "activation", "HIDDEN"]),
        ("Dense(2, softmax) >;", "Dense(2, |) >;", &["softmax", "relu", "use_bias"]),
        ("Dense(2, softmax) >;", "Dense(2, so|) >;", &["softmax", "relu", "use_bias"]),
        ("Dense(2, softmax) >;", "Dense(2, activation = |) >;", &["softmax", "tanh"]),
        ("Dense(2, softmax) >;", "Dense(2, act| = relu) >;", &["activation", "use_bias"]),
        ("Dense(2, softmax) >;", "Dense(2, kernel_regularizer = |) >;", &["L2", "l2"]),
        ("kernel_initializer = HeNormal(seed = 1)", "kernel_initializer = |", &["HeNormal", "he_normal", "Zeros"]),
        ("hidden = Dropout(rate)(hidden);", "hidden = |;", &["Dropout", "Dense", "hidden"]),
        ("hidden = Dropout(rate)(hidden);", "hidden = Dr|;", &["Dropout", "Dense"]),
        ("self::Backbone,", "self::Backbone, |,", &["Dropout", "Dense"]),
        ("Dropout(rate)", "Dropout(|)", &["rate", "units"]),
        ("self::Scale(0.5)", "self::|", &["Scale", "Backbone"]),
        ("encoder(a);", "enc|(a);", &["encoder"]),
        ("(joined), Dense(1", "(|), Dense(1", &["first", "second", "joined"]),
    ] {
        let found = server.completion(old, new);
        let missing: Vec<_> = expected.iter().filter(|word| !offered(&found, word)).collect();
        if !missing.is_empty() {
            mistakes.push(format!("completion at {new}: {missing:?} are missing in {found:?}"));
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

/// Whether a word is offered; labels may go on with what it takes.
fn offered(found: &[String], word: &str) -> bool {
    found.iter().any(|label| label.split(|c: char| !c.is_alphanumeric() && c != '_').next() == Some(word))
}

/// rustc finds a meaning for every word that an editor is given.
#[test]
fn words_have_a_meaning() {
    let forms = include_str!("consumer/forms.rs").replace("kk::", "keras::");
    for (name, source) in [("editor-models", SOURCE), ("editor-forms", &forms)] {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet"])
            .current_dir(package(name, source))
            .env("CARGO_TARGET_DIR", target().join("checked"))
            .env("RUSTFLAGS", "--cfg rust_analyzer -D warnings")
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}:\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
