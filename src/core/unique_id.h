#pragma once

#include <string>

namespace hypersynth {

/// 16 hexadecimal digits that no other call gives, in this process, container or machine: 64 bits
/// from the kernel. Host name and process number do not tell processes apart, as every container
/// has a process 1 and many have the host name of their machine.
std::string unique_id();

}  // namespace hypersynth
