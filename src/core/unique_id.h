#pragma once

#include <string>

namespace hypersynth {

/// 16 hexadecimal digits that no other call gives, in any process, container or machine: 64 random
/// bits from the kernel. Host name and process number would not do, because every container has a
/// process 1 and often the host name of its machine. Throws std::system_error if the kernel gives
/// no random bits.
std::string unique_id();

}  // namespace hypersynth
