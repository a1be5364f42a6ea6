//! Puts `src/receive.rs` between the SDK and the operating system's function that waits for the next event.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-bins=--wrap=os_io_rx_evt");
}
