#include "pipeline/local_executor.h"

namespace hypersynth::pipeline {

LocalExecutor::LocalExecutor(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop,
                             const ResourceLimits& limits)
    : work_folder_(work_folder),
      memo_(memo),
      loop_(loop),
      pool_(limits),
      threads_(static_cast<std::size_t>(pool_.limits().cpus)) {}

std::optional<std::string> LocalExecutor::refusal(const Resources& needs) const {
  return pool_.refusal(needs);
}

std::optional<Slots> LocalExecutor::take(const Resources& needs, Placement) {
  return pool_.take(needs);
}

void LocalExecutor::give_back(const Slots& slots, Placement) { pool_.give_back(slots); }

void LocalExecutor::start(Task task, Done done) {
  auto shared = std::make_shared<const Task>(std::move(task));
  threads_.submit([this, shared, done = std::move(done)] {
    auto outcome =
        std::make_shared<TaskOutcome>(execute(work_folder_, *shared, memo_, stop_.get_token()));
    loop_.post([shared, done, outcome] { done(*shared, std::move(*outcome)); });
  });
}

void LocalExecutor::cancel() { stop_.request_stop(); }

}  // namespace hypersynth::pipeline
