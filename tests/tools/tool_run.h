#pragma once

#include <string>
#include <vector>

#include "support/nifti_file.h"
#include "support/process.h"
#include "support/temporary_dir.h"

namespace hypersynth {

using Arguments = std::vector<std::string>;

/// Runs PROGRAM ARGUMENT... to its end with two threads.
ProcessResult run_tool(const std::string& program, Arguments arguments);

/// The same where no file may grow beyond `kilobytes`, as on a full disk.
ProcessResult run_tool_on_full_disk(const std::string& program, Arguments arguments, int kilobytes);

/// What a failed run must look like: the exit code, one short message with every one of `parts`,
/// and nothing on standard output.
void expect_failure(const ProcessResult& result, int exit_code, const Arguments& parts);

/// A folder with labels.tsv, maps/ (two label maps), scan.nii.gz and reference.nii.gz; output of
/// the tools goes to out/.
class ToolFolder {
 public:
  ToolFolder();

  std::string operator/(const std::string& name) const { return folder_ / name; }
  /// Names in out/, hidden ones too, sorted.
  std::vector<std::string> outputs() const;
  /// Arguments that pack everything into out/data.pack.
  Arguments pack_arguments() const;
  /// Packs everything; returns the path of the file.
  std::string pack() const;
  /// Arguments of a short 2-D training run on `data` into out/run.
  Arguments train_arguments(const std::string& data) const;

 private:
  TemporaryDir folder_;
};

/// A head of 32^3 voxels with the five structures of labels.tsv, moved by `shift` voxels.
NiftiFile small_head(std::int64_t shift = 0, double spacing_mm = 1);

/// A scan of the head: one grey value per label, and a gradient.
NiftiFile small_scan(const NiftiFile& labels);

}  // namespace hypersynth
