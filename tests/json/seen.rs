//! What was printed: for each section of the page its fields, each with the types of its values.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};

use crate::page::Kinds;

/// The fields of a section by their paths.
pub(crate) type Found = BTreeMap<String, Kinds>;

/// The fields of all sections.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<&'static str, Found>);

impl Seen {
    pub(crate) fn of(&self, section: &str) -> Option<&Found> {
        self.0.get(section)
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }

    /// Adds what another one saw.
    pub(crate) fn join(&mut self, other: Self) {
        for (section, found) in other.0 {
            let into = self.0.entry(section).or_default();
            found.into_iter().for_each(|(path, kinds)| into.entry(path).or_default().extend(kinds));
        }
    }

    /// Takes all that a command printed; returns its values.
    pub(crate) fn take(&mut self, section: &'static str, printed: &[u8]) -> Vec<Value> {
        let printed = str::from_utf8(printed).unwrap();
        let values = Deserializer::from_str(printed).into_iter().collect::<Result<Vec<Value>, _>>();
        let values = values.unwrap_or_else(|error| panic!("{section}: {error}\n{printed}"));
        let found = self.0.entry(section).or_default();
        values.iter().for_each(|value| add(found, "", value));
        values
    }
}

fn add(found: &mut Found, path: &str, value: &Value) {
    let kind = match value {
        Value::Null => "none",
        Value::Bool(_) => "yes or no",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    if !path.is_empty() {
        found.entry(path.to_owned()).or_default().insert(kind);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| add(found, &format!("{path}[]"), item)),
        Value::Object(fields) => {
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            fields.iter().for_each(|(name, value)| add(found, &below(name), value));
        }
        _ => {}
    }
}
