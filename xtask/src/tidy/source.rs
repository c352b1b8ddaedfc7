//! Reads just enough of a Rust file to tell code from comments, strings and tests.

/// Marks an item that only tests see.
const TEST: &str = "#[cfg(test)]";

/// A Rust file taken apart.
pub struct Source {
    /// The text with comments and the insides of strings blanked out; line breaks are kept.
    code: String,
    /// Strings with the line on which each begins.
    strings: Vec<(usize, String)>,
    /// For each line: is it part of something behind `#[cfg(test)]`?
    in_test: Vec<bool>,
}

impl Source {
    /// Takes a file apart. Broken code gives a rough result, never a panic.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader { rest: text, code: String::with_capacity(text.len()), strings: Vec::new(), line: 1 };
        reader.run();
        let in_test = test_lines(&reader.code);
        Self { code: reader.code, strings: reader.strings, in_test }
    }

    /// Lines of code that are no test, numbered from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(i, line)| (i + 1, line)).filter(|&(number, _)| !self.tests(number))
    }

    /// Strings that are in no test, each with its line.
    pub fn strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strings.iter().filter(|&&(number, _)| !self.tests(number)).map(|(number, text)| (*number, text.as_str()))
    }

    /// Names of modules that lie in their own file and are compiled for tests only.
    pub fn test_modules(&self) -> impl Iterator<Item = &str> {
        self.code.match_indices(TEST).filter_map(|(at, _)| {
            let item = self.code[at + TEST.len()..].trim_start();
            let item = item.strip_prefix("pub(crate)").or(item.strip_prefix("pub")).unwrap_or(item).trim_start();
            let (name, _) = item.strip_prefix("mod ")?.split_once(';')?;
            (!name.contains('{')).then_some(name.trim())
        })
    }

    fn tests(&self, line: usize) -> bool {
        self.in_test.get(line - 1).copied().unwrap_or(false)
    }
}

struct Reader<'a> {
    rest: &'a str,
    code: String,
    strings: Vec<(usize, String)>,
    line: usize,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            if self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.blank(end);
            } else if self.rest.starts_with("/*") {
                let end = block_comment(self.rest);
                self.blank(end);
            } else if let Some((open, length, close)) = string_at(self.rest, self.code.chars().next_back()) {
                let (line, text) = (self.line, self.rest[open..open + length].to_owned());
                self.keep(open);
                self.blank(length);
                self.keep(close.min(self.rest.len()));
                self.strings.push((line, text));
            } else if let Some(length) = character_at(self.rest) {
                self.blank(length);
            } else {
                self.keep(next.len_utf8());
            }
        }
    }

    fn keep(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.code.push_str(taken);
        self.rest = rest;
    }

    fn blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// Length of the block comment that the text begins with; block comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0usize);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// A string literal at the beginning of the text: bytes of its opening, of its inside, of its closing.
fn string_at(text: &str, before: Option<char>) -> Option<(usize, usize, usize)> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') && !text.starts_with('"') {
        return None;
    }
    let prefix = text.strip_prefix(['b', 'c']).unwrap_or(text);
    if let Some(raw) = prefix.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some((text.len() - inside.len(), inside.find(&close).unwrap_or(inside.len()), close.len()));
    }
    let inside = prefix.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some((text.len() - inside.len(), end.unwrap_or(inside.len()), 1))
}

/// Length of the character literal that the text begins with; a lifetime is none.
fn character_at(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let mut chars = inside.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next();
        return inside.find('\'').map(|_| chars.find(|&(_, c)| c == '\'').map_or(text.len(), |(at, _)| at + 2));
    }
    chars.next().filter(|&(_, c)| c == '\'').map(|(at, _)| at + 2)
}

/// Which lines belong to items behind `#[cfg(test)]`.
fn test_lines(code: &str) -> Vec<bool> {
    let mut lines = vec![false; code.lines().count()];
    for (start, marker) in code.match_indices(TEST) {
        let end = start + marker.len() + item_length(&code[start + marker.len()..]);
        let line = |at: usize| code[..at].matches('\n').count();
        let (first, last) = (line(start), line(end).min(lines.len().saturating_sub(1)));
        lines[first..=last].fill(true);
    }
    lines
}

/// Length of an item: to the `}` that closes its first `{`, or to a `;` before any.
fn item_length(code: &str) -> usize {
    let mut depth = 0i32;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth <= 0 {
                    return at;
                }
            }
            ';' if depth == 0 => return at,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::read(text).code
    }

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        assert_eq!(code("a // b\nc"), "a     \nc");
        assert_eq!(code("a /* b /* c */ d */ e"), "a                   e");
        assert_eq!(code(r#"f("a\"b", 'c', '\'', 'x: 'static)"#), r#"f("    ",    ,     , 'x: 'static)"#);
        assert_eq!(code("r#\"a\"b\"# + b\"c\""), "r#\"   \"# + b\" \"");
        assert_eq!(code("color\"x\""), "color\" \"");
        assert_eq!(code("\"never closed"), "\"            ");
    }

    #[test]
    fn strings_keep_the_line_on_which_they_begin() {
        let source = Source::read("let a = 1;\nlet b = \"one\ntwo\"; let c = \"three\";");
        let strings: Vec<_> = source.strings().collect();
        assert_eq!(strings, [(2, "one\ntwo"), (3, "three")]);
    }

    #[test]
    fn test_items_are_told_from_code() {
        let source =
            Source::read("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\" }\n}\nfn c() {}\n#[cfg(test)]\nuse d;\nfn e() {}\n");
        let lines: Vec<_> = source.code_lines().map(|(number, _)| number).collect();
        assert_eq!(lines, [1, 6, 9]);
    }

    #[test]
    fn modules_for_tests_are_named() {
        let source =
            Source::read("#[cfg(test)]\nmod furnace;\n#[cfg(test)]\npub(crate) mod tests;\n#[cfg(test)]\nmod inside { mod a; }\nmod b;\n");
        assert_eq!(source.test_modules().collect::<Vec<_>>(), ["furnace", "tests"]);
    }

    #[test]
    fn broken_code_is_read_without_a_panic() {
        for text in ["'", "'\\", "\"\\", "r#", "r##\"a\"#", "/*", "/", "#[cfg(test)]", "#[cfg(test)] mod x {", "b'", "'é", "é'"] {
            Source::read(text);
        }
    }
}
