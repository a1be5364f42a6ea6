//! Loads the vector files of `tests/vectors`, hands out their rows and counts what ran.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Value;

/// Keys that describe a file and hold no cases.
const ABOUT: [&str; 3] = ["origin", "license", "notes"];

/// A vector file under test.
pub struct Vectors {
    name: String,
    root: Value,
    touched: BTreeSet<String>,
    ran: usize,
    data_only: usize,
}

impl Vectors {
    /// Reads `tests/vectors/{name}`.
    pub fn load(name: &str) -> Self {
        let path = folder("vectors").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(name, &text)
    }

    /// Takes the text of a vector file from anywhere.
    pub fn parse(name: &str, text: &str) -> Self {
        let root = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name: name.to_owned(), root, touched: BTreeSet::new(), ran: 0, data_only: 0 }
    }

    /// A part of the file, without counting anything.
    pub fn get(&self, key: &str) -> &Value {
        &self.root[key]
    }

    /// Runs `check` on every row of the list `key` and counts the rows.
    pub fn each(&mut self, key: &str, mut check: impl FnMut(&Value)) {
        self.touched.insert(key.to_owned());
        for (position, row) in list(&self.root[key]).iter().enumerate() {
            let _guard = Named { file: &self.name, key, position };
            check(row);
            self.ran += 1;
        }
    }

    /// Runs `check` on the whole value of `key` and counts the cases it says it made.
    pub fn one(&mut self, key: &str, check: impl FnOnce(&Value) -> usize) {
        self.touched.insert(key.to_owned());
        let _guard = Named { file: &self.name, key, position: 0 };
        self.ran += check(&self.root[key]);
    }

    /// Says that `key` holds data that nothing is computed from, `rows` of it.
    pub fn data_only(&mut self, key: &str, rows: usize) {
        self.touched.insert(key.to_owned());
        self.data_only += rows;
    }

    /// Says that another test drives `key`.
    pub fn elsewhere(&mut self, key: &str) {
        assert!(!self.root[key].is_null(), "{}: no {key}", self.name);
        self.touched.insert(key.to_owned());
    }

    /// Prints how many cases ran, and fails when it is another number or a part of the file was left out.
    pub fn finish(self, cases: usize) {
        match self.data_only {
            0 => println!("{}: {} cases", self.name, self.ran),
            rows => println!("{}: {} cases, {rows} rows of data only", self.name, self.ran),
        }
        let keys = self.root.as_object().expect("a vector file is an object").keys();
        let left: Vec<_> = keys.filter(|key| !ABOUT.contains(&key.as_str()) && !self.touched.contains(*key)).collect();
        assert!(left.is_empty(), "{}: nothing drives {left:?}", self.name);
        assert_eq!(self.ran, cases, "{}: number of cases", self.name);
    }
}

/// A folder of `tests/`, from whichever package the test belongs to.
pub fn folder(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = package.join("tests").join(name);
    if here.is_dir() { here } else { package.join("../tests").join(name) }
}

/// Names the row at work when a check panics.
struct Named<'a> {
    file: &'a str,
    key: &'a str,
    position: usize,
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("failed at {} {}[{}]", self.file, self.key, self.position);
        }
    }
}

/// The entries of a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

/// A text.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

/// A whole number that fits `T`.
pub fn number<T: TryFrom<i128>>(value: &Value) -> T {
    let wide = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    let wide = wide.unwrap_or_else(|| panic!("not a whole number: {value}"));
    T::try_from(wide).unwrap_or_else(|_| panic!("number out of range: {value}"))
}

/// Bytes written in hexadecimal.
pub fn hex(value: &Value) -> Vec<u8> {
    base16ct::mixed::decode_vec(text(value)).unwrap_or_else(|_| panic!("not hexadecimal: {value}"))
}

/// Bytes written in hexadecimal, exactly `N`.
pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap_or_else(|_| panic!("not {N} bytes: {value}"))
}

/// A text that `T` reads.
pub fn parsed<T: FromStr>(value: &Value) -> T {
    text(value).parse().unwrap_or_else(|_| panic!("cannot be read: {value}"))
}
