//! What goes wrong in life, done to real processes while clients write.

mod full_disk;
mod kill;
pub mod load;
mod outage;
mod replica;
mod restart;
mod soak;
mod standby;
