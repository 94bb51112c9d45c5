//! The only place for what differs between operating systems.

use std::{io, path::Path};

/// Free bytes for this user on the disk that holds the path, or its nearest existing parent.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let absolute = std::path::absolute(path)?;
    let existing = absolute.ancestors().find(|p| p.exists()).unwrap_or(Path::new("."));
    fs4::available_space(existing)
}

/// `tenken … | head` ends quietly instead of with a message about a broken pipe.
pub fn quiet_broken_pipe() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let text = info.payload().downcast_ref::<String>().map_or("", String::as_str);
        if text.contains("failed printing to stdout") {
            std::process::exit(0);
        }
        default(info);
    }));
}

/// Name of the user who runs the command, for the ledger of imports.
pub fn user_name() -> Option<String> {
    ["USER", "USERNAME", "LOGNAME"].iter().find_map(|k| std::env::var(k).ok()).filter(|u| !u.is_empty())
}

/// Asks on the terminal for something that is not shown.
pub fn ask_hidden(prompt: &str) -> io::Result<String> {
    rpassword::prompt_password(prompt)
}
