#include "pipeline/batch/sge_dialect.h"

#include <algorithm>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include "core/joined.h"

namespace hypersynth::pipeline {
namespace {

using boost::property_tree::ptree;

constexpr std::string_view kNoAnswer[] = {"unable to send message to qmaster",
                                          "unable to contact qmaster", "commlib error",
                                          "failed receiving gdi request", "timed out after"};

constexpr std::string_view kNoRoom[] = {"jobs are allowed per user",
                                        "jobs are allowed per cluster"};

constexpr std::string_view kTooLarge[] = {"tried to submit a job with more than"};

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : std::to_string(::geteuid());
}

/// "Eqw" and the like will not go away by themselves.
JobPhase phase_of(const std::string& state) {
  if (state.find('E') != std::string::npos) return JobPhase::kStuck;
  return state.find('q') != std::string::npos ? JobPhase::kWaiting : JobPhase::kRunning;
}

void add_job(const ptree& element, QueueListing& listing) {
  QueuedJob job;
  job.job_id = element.get("JB_job_number", std::string());
  const auto tasks = element.get_optional<std::string>("tasks");
  job.is_array = tasks.has_value();
  job.indices = parse_indices(tasks.value_or("1"));
  for (auto& range : job.indices) {
    --range.first;
    --range.last;
  }
  job.phase = phase_of(element.get("state", std::string()));
  listing.add(element.get("full_job_name", std::string()), std::move(job));
}

/// Adds all jobs below an element: those that run are in lists of their queues with some options.
void add_jobs(const ptree& element, QueueListing& listing) {
  for (const auto& [name, child] : element) {
    if (name == "job_list") {
      add_job(child, listing);
    } else {
      add_jobs(child, listing);
    }
  }
}

}  // namespace

std::vector<std::string> SgeDialect::submit_command(const BatchOptions& options,
                                                    const BatchRequest& request) const {
  std::vector<std::string> command = {
      "qsub", "-terse", "-N",  request.name, "-S", "/bin/sh",
      "-j",   "y",      "-o",  "/dev/null",  "-r", "y",
      "-m",   "n",      "-wd", "/",          "-t", "1-" + std::to_string(request.jobs)};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {option, value});
  };
  const Slots& slots = request.slots;
  add("-q", options.partition);
  add("-P", options.account);
  if (slots.cpus > 1)
    command.insert(command.end(),
                   {"-pe", options.parallel_environment, std::to_string(slots.cpus)});
  std::vector<std::string> needs;
  if (slots.memory_bytes > 0) {  // what is asked for counts for each processor
    const auto cpus = static_cast<std::uint64_t>(slots.cpus);
    needs.push_back(options.memory_resource + '=' +
                    std::to_string(mebibytes((slots.memory_bytes + cpus - 1) / cpus)) + 'M');
  }
  if (!slots.gpu_ids.empty())
    needs.push_back((options.gpu_resource.empty() ? "gpu" : options.gpu_resource) + '=' +
                    std::to_string(slots.gpu_ids.size()));
  if (options.time_limit.count() > 0)
    needs.push_back("h_rt=" + std::to_string(options.time_limit.count() * 60));
  add("-l", joined(needs, ","));
  command.insert(command.end(), options.submit_arguments.begin(), options.submit_arguments.end());
  command.push_back((request.folder / "job.sh").string());
  return command;
}

JobSurroundings SgeDialect::surroundings(const BatchRequest& /*request*/) const {
  return {"$((SGE_TASK_ID - 1))", kSecondsAsRestart, false, false};
}

std::optional<std::string> SgeDialect::parse_job_id(const std::string& output) const {
  std::istringstream lines(output);
  std::optional<std::string> id;
  for (std::string line; std::getline(lines, line);) {
    const std::string number = line.substr(0, line.find('.'));  // "12.1-9:1"
    const bool is_id =
        !number.empty() && line.find_first_not_of("0123456789.-:") == std::string::npos;
    if (is_id) id = number;
  }
  return id;
}

SubmitTrouble SgeDialect::submit_trouble(const std::string& output) const {
  if (is_unanswered(output)) return SubmitTrouble::kNoAnswer;
  if (contains_any(output, kNoRoom)) return SubmitTrouble::kNoRoom;
  if (contains_any(output, kTooLarge)) return SubmitTrouble::kTooLarge;
  return SubmitTrouble::kRefused;
}

bool SgeDialect::is_unanswered(const std::string& output) const {
  return contains_any(output, kNoAnswer);
}

ListingAnswer SgeDialect::list(BatchCommands& commands, const JobTargets& /*targets*/) const {
  const CommandResult result = commands.run({"qstat", "-xml", "-r", "-u", user_name()});
  if (!result.ok()) return {std::nullopt, result.output};
  auto listing = parse_listing(result.output);
  if (!listing) return {std::nullopt, "qstat: expected XML, found " + first_line(result.output)};
  return {std::move(listing), {}};
}

std::optional<QueueListing> SgeDialect::parse_listing(const std::string& text) {
  const auto begin = text.find("<job_info");
  if (begin == std::string::npos) return std::nullopt;
  std::istringstream stream(text.substr(begin));  // behind warnings, and what says that it is XML
  ptree document;
  try {
    boost::property_tree::read_xml(stream, document);
  } catch (const boost::property_tree::xml_parser_error&) {
    return std::nullopt;
  }
  QueueListing listing;
  add_jobs(document, listing);
  return listing;
}

std::string SgeDialect::element(const std::string& job_id, int index) const {
  return job_id + '.' + std::to_string(index + 1);
}

std::vector<std::string> SgeDialect::cancel_command(const std::vector<std::string>& ids) const {
  return command_of({"qdel"}, ids);
}

std::vector<std::string> SgeDialect::cancel_command_by_name(
    const std::vector<std::string>& names) const {
  return command_of({"qdel"}, names);
}

Failure SgeDialect::failure_of_state(const std::string& /*state*/, const std::string& /*reason*/,
                                     const std::string& log_tail) const {
  Failure failure = make_failure(Cause::kLost, "its cluster job vanished; qacct may tell why");
  failure.stderr_tail = log_tail;
  return failure;
}

}  // namespace hypersynth::pipeline
