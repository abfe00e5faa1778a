//! What goes wrong in life, done to real processes while clients write.

mod full_disk;
mod kill;
mod load;
mod outage;
mod restart;
mod soak;
