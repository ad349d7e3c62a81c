#include "app/prune.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/filesystem/operations.hpp>

#include "app/run_fault.h"
#include "app/runtime.h"
#include "bids/pairing.h"
#include "core/error.h"
#include "nodes/results.h"
#include "nodes/session_pictures.h"

namespace hypersynth {

namespace {

/// What is to be removed, and of how many images.
struct Gone {
  std::vector<fs::path> files;
  std::size_t images = 0;
  std::size_t kept = 0;  ///< images that stay
};

/// The files of one image that its record names, none but those below the subject's own folders.
void add_files(const ImageResult& result, const fs::path& output_dir, Gone& gone) {
  const std::string own = "sub-" + result.subject + "/";
  for (const auto& file : result.record.files) {
    const std::string path = fs::path(file.path).lexically_normal().string();
    if (path.rfind(own, 0) == 0 || path.rfind("mriqc/" + own, 0) == 0)
      gone.files.push_back(output_dir / path);
  }
  gone.files.push_back(output_dir / result.outputs.measures);
}

/// Whether `name` is that of a file that this program makes of an image; others may have put files
/// about the same image there.
bool is_ours(const bids::Name& name, const bids::DataFile& source) {
  using bids::Entity;
  if (bids::source_entities(name.entities) != bids::source_entities(source.entities)) return false;
  const std::string desc(name.entities.get(Entity::kDescription).value_or(""));
  if (name.entities.get(Entity::kSpace) == source.suffix) {
    const bool is_resampled = desc == "preproc" && name.entities.has(Entity::kResolution);
    return is_resampled || desc == "hypersynth" || desc == "standard" || desc == "brain" ||
           desc == "head" || desc == "air" || desc == "artefact";
  }
  if (name.suffix != source.suffix || name.entities.has(Entity::kSpace)) return false;
  const bool is_mosaic = boost::algorithm::starts_with(desc, "axial") ||
                         boost::algorithm::starts_with(desc, "coronal") ||
                         boost::algorithm::starts_with(desc, "sagittal");
  return is_mosaic || desc == "intensities" || desc == "thumbnail" || desc == "viewer";
}

/// The files of an image whose record cannot be read, by their names.
void add_files_by_name(const bids::DataFile& source, const fs::path& output_dir, Gone& gone) {
  const ImageOutputs outputs = outputs_of(source);
  for (const auto& folder : {fs::path(outputs.measures).parent_path(), fs::path(outputs.figures)}) {
    std::string unlisted;  // what cannot be listed stays, and the group level tells of it
    for (const auto& file : names_in(output_dir / folder, unlisted)) {
      const auto name = bids::parse_name(file);
      if (name && is_ours(*name, source)) gone.files.push_back(output_dir / folder / file);
    }
  }
}

/// The files of the image's comparison with the person's first session, where one of the two images
/// is gone.
void add_comparison(const ImageResult& result, const fs::path& output_dir, const fs::path& dataset,
                    Gone& gone) {
  std::string first;
  const auto files =
      session_files(output_dir, session_alignment_of(data_file_at(result.record.path)), &first);
  if (source_exists(dataset, result.record.path) && !first.empty() && source_exists(dataset, first))
    return;
  for (const auto& file : files) gone.files.push_back(output_dir / file);
}

Gone find_gone(const fs::path& output_dir, const fs::path& dataset) {
  Gone gone;
  for (const auto& subject : subjects_with_results(output_dir)) {
    const std::size_t kept_before = gone.kept;
    const auto results = read_results(output_dir, subject, FailedImages::kToo);
    for (const auto& result : results.finished) {
      add_comparison(result, output_dir, dataset, gone);
      if (source_exists(dataset, result.record.path)) {
        ++gone.kept;
      } else {
        ++gone.images;
        add_files(result, output_dir, gone);
      }
    }
    for (const auto& failure : results.unreadable) {
      const auto sources = possible_sources(failure);
      const bool exists =
          sources.empty() || std::any_of(sources.begin(), sources.end(), [&](const auto& path) {
            return source_exists(dataset, path);
          });
      if (exists) {
        ++gone.kept;
      } else {
        ++gone.images;
        add_files_by_name(data_file_at(sources.front()), output_dir, gone);
      }
    }
    for (const auto& failure : results.failed) {
      if (failure.damaged || source_exists(dataset, failure.path)) {
        ++gone.kept;
      } else {
        gone.files.push_back(output_dir / outputs_of(data_file_at(failure.path)).failure);
      }
    }
    const bool is_ours =
        !results.finished.empty() || !results.unreadable.empty() || !results.failed.empty();
    if (is_ours && gone.kept == kept_before)
      for (const auto& file : {page_of_subject(subject), longitudinal_output(subject),
                               sidecar_of(longitudinal_output(subject))})
        gone.files.push_back(output_dir / file);
  }
  return gone;
}

/// Removes the folders above `file` that are empty now, up to the output folder.
void remove_empty_folders(fs::path folder, const fs::path& output_dir) {
  boost::system::error_code code;
  while (folder != output_dir && fs::remove(folder, code) && !code) folder = folder.parent_path();
}

}  // namespace

void prune(const GroupOptions& options, const bids::Layout* dataset) {
  if (dataset == nullptr) {
    throw Error(ExitCode::kUsage, options.bids_dir.string() +
                                      ": expected the dataset whose images are to be looked for "
                                      "(--prune), found no such folder");
  }
  const Gone gone = find_gone(options.output_dir, dataset->root());
  if (gone.images > 0 && gone.kept == 0) {
    throw Error(ExitCode::kUsage,
                options.bids_dir.string() +
                    ": expected images that the output folder has results of (--prune), found "
                    "none; nothing is removed");
  }
  for (const auto& file : gone.files) {
    boost::system::error_code code;
    if (!fs::exists(fs::symlink_status(file, code))) continue;
    if (!options.dry_run) {
      fs::remove(file, code);
      if (code) {
        throw Error(exit_code_of(code),
                    file.string() + ": cannot be removed (--prune): " + code.message());
      }
      remove_empty_folders(file.parent_path(), options.output_dir);
    }
    std::fprintf(stderr, "hypersynth: %s: %s\n", printable(file.string()).c_str(),
                 options.dry_run ? "would be removed" : "removed");
  }
}

}  // namespace hypersynth
