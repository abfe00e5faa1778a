//! What goes wrong in life, done to real processes while clients write.

mod kill;
mod load;
mod outage;
mod restart;
mod soak;
