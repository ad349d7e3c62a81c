#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hypersynth {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

/// Where messages go. Libraries take a `const Log&` and print nothing themselves; the default
/// drops everything.
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

/// "error", "warning", "info", "debug".
std::string_view to_string(LogLevel level);

}  // namespace hypersynth
