#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "app/participant_options.h"
#include "bids/derivative.h"
#include "bids/layout.h"
#include "engine/model/model_file.h"
#include "nodes/image_record.h"
#include "nodes/subject_report.h"

namespace hypersynth {

/// The model given, or the one that comes with this program: beside a build, or in an installation.
/// Throws Error kInputMissing where there is none.
fs::path model_path(const ParticipantOptions& options);

/// The model that comes with this program. Throws Error kInputMissing where it is missing.
fs::path default_model_path();

/// The folder of the files that come with this program (models, label mappings): beside a build, or
/// in an installation.
fs::path share_folder();

/// The recipe that this run would follow with the model in the file `path`, of which it takes the
/// digest, and with the thresholds of all suffixes. Throws InputError for a file of thresholds that
/// isn't one.
Recipe recipe_of(const ParticipantOptions& options, const fs::path& path,
                 const ModelManifest& model);

/// The dataset that the options name; throws DatasetError, also where the output folder holds the
/// results of another one.
bids::Layout open_dataset(const CommonOptions& options);

/// The source dataset, where it is there, for levels that read results alone and use the images
/// only to tell which of them no longer exist. Throws what open_dataset() throws.
std::optional<bids::Layout> source_dataset(const CommonOptions& options);

/// Makes the work folder, or takes over an empty one or one of an earlier run. To be called before
/// anything is written elsewhere: one that cannot be had leaves no trace of the run.
void make_work_folder(const CommonOptions& options);

/// Makes the output folder and its root files, or brings them up to date, which is reported to
/// `layout`; throws Error kCannotCreateOutput. `standard` is the lookup table of label maps with
/// the numbers of BIDS; where it is empty there are none.
void prepare_output(const CommonOptions& options, const bids::Layout& layout,
                    const std::vector<bids::LookupRow>& lookup,
                    const std::vector<bids::LookupRow>& standard = {});

/// What the pages of this run share. `layout` is the source dataset; the group level can do without
/// and then takes the dataset's name from the results.
ReportContext report_context(const CommonOptions& options, const bids::Layout* layout);

/// Forgets the failures of images that are no longer in the dataset; returns their paths.
std::vector<std::string> forget_failures_of_gone_images(const CommonOptions& options,
                                                        const bids::Layout& layout);

}  // namespace hypersynth
