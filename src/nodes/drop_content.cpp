#include "nodes/drop_content.h"

#include "nodes/datalad.h"

namespace hypersynth {

DropContent::Outputs DropContent::run(const Inputs& in, pipeline::NodeContext& context) const {
  const std::string said = run_datalad("drop", in.image.parent_path(),
                                       {in.image.filename().string()}, context.stop_token());
  const bool is_dropped = is_absent_from_annex(in.image.string());
  if (!is_dropped)
    context.warn(in.image.string() + ": its content stays, `datalad drop` said: " + said);
  return {is_dropped};
}

}  // namespace hypersynth
