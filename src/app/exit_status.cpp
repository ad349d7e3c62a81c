#include "app/exit_status.h"

#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include <boost/system/system_error.hpp>

#include "app/run_fault.h"
#include "bids/issue.h"

namespace hypersynth {

namespace {

ExitCode exit_code(bids::IssueCode code) {
  switch (code) {
    case bids::IssueCode::kDatasetMissing:
      return ExitCode::kInputMissing;
    case bids::IssueCode::kDatasetDescriptionMissing:
    case bids::IssueCode::kDatasetDescriptionInvalid:
      return ExitCode::kNotBids;
    case bids::IssueCode::kEmptySelection:
      return ExitCode::kNothingSelected;
    case bids::IssueCode::kDirectoryUnreadable:
      return ExitCode::kIo;
    case bids::IssueCode::kOutputUnwritable:
      return ExitCode::kCannotCreateOutput;
    default:
      return ExitCode::kUsage;
  }
}

}  // namespace

int complain(ExitCode code, const char* text) {
  std::fprintf(stderr, "hypersynth: error: %s\n", printable(text).c_str());
  return static_cast<int>(code);
}

int exit_status_of(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    return complain(error.code(), error.what());
  } catch (const bids::DatasetError& error) {
    return complain(exit_code(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return complain(ExitCode::kTryAgain, "not enough memory");
  } catch (const std::system_error& error) {
    return complain(exit_code_of(error.code()), error.what());
  } catch (const boost::system::system_error& error) {
    return complain(exit_code_of(error.code()), error.what());
  } catch (const std::exception& error) {
    return complain(ExitCode::kInternal, error.what());
  }
}

}  // namespace hypersynth
