#include "nodes/shared_network.h"

#include <vector>

#include "nodes/source_image.h"

namespace hypersynth {

namespace {

SharedNetwork::Way way_of(const InferenceNetwork& network) {
  return {network.device(), network.precision()};
}

/// The turn of an image that uses the network of a place.
template <class Place>
class Turn {
 public:
  explicit Turn(Place& place) : place_(place) { place_.begin_turn(); }
  ~Turn() { place_.end_turn(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Place& place_;
};

}  // namespace

template <class Load>
InferenceNetwork& SharedNetwork::Place::load(const Load& loader) {
  const std::lock_guard lock(loading_);
  if (!network_) {
    network_ = loader();
    turns_left_ = network_->images_at_once();
  }
  return *network_;
}

void SharedNetwork::Place::begin_turn() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return turns_left_ > 0; });
  --turns_left_;
}

void SharedNetwork::Place::end_turn() {
  const std::lock_guard lock(mutex_);
  ++turns_left_;
  changed_.notify_one();
}

const Model& SharedNetwork::load(const fs::path& model, const Log& log, int gpu) {
  Place* place = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!model_) {
      const PinnedFile file(model);
      model_digest_ = file.identity().digest;
      model_ = file.read([](const std::string& opened) { return read_model(opened); });
      model_->name = model.stem().string();
    }
    place = &places_[gpu];
  }
  // Other devices are loaded meanwhile.
  const InferenceNetwork& network = place->load([&] {
    InferenceOptions options = options_;
    options.gpu = gpu;
    return loader_(*model_, options, log);
  });
  const std::lock_guard lock(mutex_);
  ways_[gpu] = way_of(network);
  return *model_;
}

std::string SharedNetwork::model_digest() const {
  const std::lock_guard lock(mutex_);
  return model_digest_;
}

SharedNetwork::Place& SharedNetwork::place_of(int gpu) {
  const std::lock_guard lock(mutex_);
  return places_.at(gpu);
}

SharedNetwork::Way SharedNetwork::run(int gpu, const float* voxels,
                                      const std::array<std::int64_t, 3>& shape,
                                      const PosteriorRowSink& sink, std::string& notice) {
  // A network that fails may have given some rows: the other one must not give them again.
  std::vector<std::uint8_t> given(static_cast<std::size_t>(shape[0] * shape[1]));
  const PosteriorRowSink once = [&](std::int64_t k, std::int64_t j, const float* values,
                                    std::int64_t class_stride) {
    auto& is_given = given[static_cast<std::size_t>(k * shape[1] + j)];
    if (is_given == 0) sink(k, j, values, class_stride);
    is_given = 1;
  };
  Place& place = place_of(gpu);
  {
    const Turn turn(place);
    try {
      place.network().run(voxels, shape, once);
      Way way = way_of(place.network());
      if (way.device != "cpu") way.precision = "float32";  // 16 bits are those of segment() alone
      return way;
    } catch (const Error& error) {
      if (!may_fall_back(error, place.network())) throw;
      notice = std::string("on the CPU: ") + error.what();
    }
  }
  return run_on_cpu(voxels, shape, once);
}

bool SharedNetwork::segment(int gpu, const Image& source, const SegmenterOptions& options,
                            Segmentation& result, std::string& notice) {
  Place& place = place_of(gpu);
  const Turn turn(place);
  try {
    return place.network().segment(source, options, result);
  } catch (const Error& error) {
    if (!may_fall_back(error, place.network())) throw;
    notice = std::string("on the CPU: ") + error.what();
  }
  result = Segmentation();
  return false;
}

SharedNetwork::Way SharedNetwork::run_on_cpu(const float* voxels,
                                             const std::array<std::int64_t, 3>& shape,
                                             const PosteriorRowSink& sink) {
  InferenceNetwork& network = cpu_.load([&] {
    InferenceOptions on_cpu = options_;
    on_cpu.device = "cpu";
    on_cpu.precision = InferencePrecision::kAuto;  // a CPU need not have what the GPU has
    return loader_(*model_, on_cpu, Log());
  });
  const Turn turn(cpu_);
  network.run(voxels, shape, sink);
  return way_of(network);
}

bool SharedNetwork::may_fall_back(const Error& error, const InferenceNetwork& network) const {
  return error.code() == ExitCode::kTryAgain && options_.device == "auto" &&
         network.device() != "cpu";
}

SharedNetwork::Way SharedNetwork::way(int gpu) const {
  const std::lock_guard lock(mutex_);
  const auto way = ways_.find(gpu);
  return way == ways_.end() ? Way() : way->second;
}

}  // namespace hypersynth
