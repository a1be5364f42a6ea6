//! Facts that a command prints: one list, as lines for people or as JSON for scripts.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// Named values in a fixed order.
#[derive(Default)]
pub(crate) struct Facts(Vec<(&'static str, Value)>);

impl Facts {
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Adds a value that prints as text.
    #[must_use]
    pub(crate) fn text(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, value.to_string())
    }

    /// Adds a value if there is one.
    #[must_use]
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// All values on one line.
    pub(crate) fn line(&self) -> String {
        self.0.iter().map(|(_, value)| plain(value)).collect::<Vec<_>>().join("  ")
    }

    /// A JSON object.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("the keys are texts and no value fails")
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Keeps the order, which a JSON object of its own library would not.
impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// `name: value` lines; a list has its entries below its name.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            let name = name.replace('_', " ");
            match value {
                Value::Array(items) => {
                    writeln!(f, "{name}:")?;
                    for item in items {
                        writeln!(f, "  {}", plain(item))?;
                    }
                }
                value => writeln!(f, "{name}: {}", plain(value))?,
            }
        }
        Ok(())
    }
}

pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join("  "),
        other => other.to_string(),
    }
}
