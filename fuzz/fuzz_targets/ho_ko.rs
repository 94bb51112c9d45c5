#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tenken_fuzz::run("ho_ko", data));
