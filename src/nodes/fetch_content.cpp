#include "nodes/fetch_content.h"

#include <boost/filesystem/operations.hpp>

#include "core/error.h"
#include "nodes/datalad.h"

namespace hypersynth {

FetchContent::Outputs FetchContent::run(const Inputs& in, pipeline::NodeContext& context) const {
  const std::string said = run_datalad("get", in.image.parent_path(),
                                       {in.image.filename().string()}, context.stop_token());
  if (is_absent_from_annex(in.image.string()) || !fs::exists(in.image))
    throw InputError(in.image.string(), "content that `datalad get` fetches", said);
  return {in.image};
}

}  // namespace hypersynth
