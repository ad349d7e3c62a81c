#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hypersynth {

/// How important a message is. Errors and warnings are always shown to the user, the others when
/// asked for: kInfo with -v, kDebug with -vv.
enum class LogLevel { kError, kWarning, kInfo, kDebug };

/// Takes the messages of libraries to whoever shows them. A library gets a `const Log&` and prints
/// nothing itself. A default-constructed Log drops all messages.
class Log {
 public:
  using Sink = std::function<void(LogLevel, std::string_view)>;

  Log() = default;
  explicit Log(Sink sink) : sink_(std::move(sink)) {}

  void error(std::string_view message) const { write(LogLevel::kError, message); }
  void warning(std::string_view message) const { write(LogLevel::kWarning, message); }
  void info(std::string_view message) const { write(LogLevel::kInfo, message); }
  void debug(std::string_view message) const { write(LogLevel::kDebug, message); }

 private:
  void write(LogLevel level, std::string_view message) const {
    if (sink_) sink_(level, message);
  }

  Sink sink_;
};

/// "error", "warning", "info" or "debug".
std::string_view to_string(LogLevel level);

}  // namespace hypersynth
