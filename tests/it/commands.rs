//! The command line as people and machines meet it: the real program, in a process of its own.

mod audit;
mod checking;
mod demo;
mod exits;
mod help;
mod init;
mod listing;
mod modes;
mod plans;
mod proofs;
mod reading;
mod situations;
mod terminal;
mod waiting;
mod worker;
mod writing;
