#pragma once

#include <map>
#include <optional>
#include <string>

#include "bids/layout.h"
#include "bids/participants.h"

namespace hypersynth::bids {

/// The keys under which the record of an image holds its SessionTime.
constexpr const char* kAcquisitionTimeKey = "acq_time";
constexpr const char* kSessionAgeKey = "session_age";

/// When an image was acquired, as the tables of its dataset say; empty where they do not.
struct SessionTime {
  std::string acq_time;  ///< ISO 8601, as in "2009-06-15T13:45:30"
  std::string age;       ///< of the person, in years
};

/// The day of a time as `acq_time` writes it (a date, or a date and a time of ISO 8601), in days
/// since 1970-01-01; nothing where the text is none. Dates may be those of another century: BIDS
/// asks for dates before 1925 where they were shifted to hide the person, and their differences
/// still hold.
std::optional<double> days_of_time(const std::string& acq_time);

/// The table that may hold the time of an image, beside sessions_table_of() its subject; relative
/// to the dataset, whether or not it exists.
std::string scans_table_of(const DataFile& image);

/// Looks up when images were acquired. The time is the `acq_time` of the image in
/// `*_scans.tsv`, else that of its session in `*_sessions.tsv`, whose column `age` is read as well.
/// What is wrong with a table becomes an issue of the layout.
class SessionTimes {
 public:
  /// `layout` outlives this object.
  explicit SessionTimes(const Layout& layout) : layout_(layout) {}

  /// Looks up an image; quick for images of one session after another.
  SessionTime of(const DataFile& image);

 private:
  void read_scans(const DataFile& image);
  void read_session_table(const std::string& subject);

  const Layout& layout_;
  std::string scans_path_;                        ///< of the table in `acq_times_`
  std::map<std::string, std::string> acq_times_;  ///< path of an image -> its acq_time
  std::string subject_;                           ///< whose sessions are in `sessions_`
  std::vector<Person> sessions_;
};

}  // namespace hypersynth::bids
