#include "app/progress.h"

#include <algorithm>
#include <unistd.h>

#include "core/error.h"
#include "report/number.h"

namespace hypersynth {

namespace {

constexpr int kBarWidth = 28;

/// What --skip-bids-validation does not want to hear.
bool is_about_name(bids::IssueCode code) {
  using Code = bids::IssueCode;
  return code == Code::kNameInvalid || code == Code::kEntityUnknown || code == Code::kEntityOrder ||
         code == Code::kEntityMismatch || code == Code::kSessionWithoutFolder ||
         code == Code::kDerivativeName || code == Code::kSuffixUnknown ||
         code == Code::kImageFormat || code == Code::kImageOutsideAnat ||
         code == Code::kSubjectFolderName;
}

}  // namespace

Progress::Progress(std::size_t total, int verbosity, std::string unit)
    : total_(total),
      verbosity_(verbosity),
      unit_(std::move(unit)),
      terminal_(::isatty(STDERR_FILENO) == 1) {
  if (terminal_) draw_bar();
}

Progress::~Progress() { clear_bar(); }

void Progress::advance(const std::string& line) {
  const std::lock_guard lock(mutex_);
  ++done_;
  clear_bar();
  std::fprintf(stderr, "[%zu/%zu] %s\n", done_, total_, printable(line).c_str());
  draw_bar();
}

void Progress::message(LogLevel level, std::string_view text) {
  if (level == LogLevel::kDebug && verbosity_ < 2) return;
  if (level == LogLevel::kInfo && verbosity_ < 1) return;
  const std::lock_guard lock(mutex_);
  clear_bar();
  std::fprintf(stderr, "hypersynth: %s%s\n",
               level <= LogLevel::kWarning ? (std::string(to_string(level)) + ": ").c_str() : "",
               printable(text).c_str());
  draw_bar();
}

void Progress::clear_bar() {
  if (terminal_) std::fputs("\r\x1b[K", stderr);
}

void Progress::draw_bar() {
  if (!terminal_ || total_ == 0) return;
  const double share = static_cast<double>(done_) / static_cast<double>(total_);
  const int full = static_cast<int>(share * kBarWidth);
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string rate;
  if (done_ > 0 && done_ < total_ && !unit_.empty()) {
    const double each = elapsed / static_cast<double>(done_);
    rate = "  " + duration(each) + "/" + unit_ + ", " +
           duration(each * static_cast<double>(total_ - done_)) + " left";
  }
  std::fprintf(stderr, "|%s%s| %zu/%zu%s", std::string(full, '#').c_str(),
               std::string(kBarWidth - full, ' ').c_str(), done_, total_, rate.c_str());
  std::fflush(stderr);
}

void show_issues(const bids::Layout& layout, bool skip_names, Progress& progress, bool skip_links) {
  auto issues = layout.issues();
  if (skip_links)
    std::erase_if(issues,
                  [](const auto& issue) { return issue.code == bids::IssueCode::kBrokenLink; });
  if (skip_names)
    std::erase_if(issues, [](const auto& issue) { return is_about_name(issue.code); });
  for (const auto& line : bids::summarise(issues)) progress.message(LogLevel::kWarning, line);
  for (const auto& issue : issues) progress.message(LogLevel::kInfo, bids::to_text(issue));
}

}  // namespace hypersynth
