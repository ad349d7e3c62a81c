#pragma once

#include <stop_token>

#include "pipeline/event_loop.h"
#include "pipeline/execute.h"
#include "pipeline/executor.h"
#include "pipeline/thread_pool.h"

namespace hypersynth::pipeline {

/// Runs tasks on this machine, within its resource limits.
class LocalExecutor final : public Executor {
 public:
  LocalExecutor(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop,
                const ResourceLimits& limits);

  std::optional<std::string> refusal(const Resources& needs) const override;
  std::optional<Slots> take(const Resources& needs, Placement placement) override;
  void give_back(const Slots& slots, Placement placement) override;
  void start(Task task, Done done) override;
  void cancel() override;

 private:
  const WorkFolder& work_folder_;
  DigestMemo& memo_;
  EventLoop& loop_;
  ResourcePool pool_;
  std::stop_source stop_;
  ThreadPool threads_;
};

}  // namespace hypersynth::pipeline
