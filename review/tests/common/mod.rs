//! What the tests of pages share.

/// Whether tags are balanced and attributes quoted; the names of the attributes that are used.
pub fn attributes_of(xml: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut names = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "a bare >: {}", &rest[..at]);
        let end = at + rest[at..].find('>').unwrap_or_else(|| panic!("a tag is not closed: {}", &rest[at..]));
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {rest:.40}");
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |t| (t, true));
        let (name, mut attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        while !attributes.trim().is_empty() {
            let (key, value) = attributes.split_once("=\"").unwrap_or_else(|| panic!("no value: {tag}"));
            let (_, after) = value.split_once('"').unwrap_or_else(|| panic!("no quote: {tag}"));
            names.push(key.trim().to_owned());
            attributes = after;
        }
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    for entity in xml.split('&').skip(1) {
        assert!(entity.contains(';') && entity.find(';') < Some(8), "a bare &: {entity:.20}");
    }
    names
}
