#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| alumx_api::fuzzing::frame(bytes));
