#pragma once

namespace p2p::app {

/// Starts the program anew, with the same arguments, with a heap of huge pages; returns where it has one already or cannot have one.
///
/// Thousands of peers are looked at in turn, so that each look misses the processor's table of pages of 4 KiB: a run takes up to a third longer with
/// them. glibc decides by its environment, when a program starts.
void use_huge_pages();

}  // namespace p2p::app
