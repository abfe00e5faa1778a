//! What goes wrong in life, done to real processes while clients write.

mod kill;
pub mod load;
mod outage;
mod restart;
mod soak;
