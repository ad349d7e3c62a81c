#include "nodes/methods_used.h"

#include <algorithm>

#include <boost/algorithm/string/join.hpp>

#include "core/version.h"

namespace hypersynth {

namespace {

ModelTraining training_of(const TrainingFacts& facts) {
  ModelTraining training{
      facts.method, facts.learned_synthesis, facts.labelled_scans, {}, facts.tuned_share};
  for (const auto& [name, start, learned] : facts.synthesis)
    training.parameters.push_back({name, start, learned});
  return training;
}

}  // namespace

void MethodsUsed::add(const ImageRecord& record) {
  const Recipe& recipe = record.recipe;
  ++images_;
  if (!recipe.fast) ++averaged_;
  if (recipe.ct) ++ct_;
  const ModelTraining training = training_of(recipe.training);
  if (std::find(trainings_.begin(), trainings_.end(), training) == trainings_.end())
    trainings_.push_back(training);
  const InputRecipe& input = record.input;
  preparations_.insert({input.spacing_mm, input.low_percentile, input.high_percentile});
  suffixes_.insert(record.suffix);
  versions_.insert(recipe.version);
  models_.emplace(recipe.model, recipe.model_digest);
  devices_.insert(record.device);
  structures_.insert(record.mean_posteriors.size());
}

MethodFacts MethodsUsed::facts() const {
  MethodFacts facts;
  facts.suffixes.assign(suffixes_.begin(), suffixes_.end());
  if (structures_.size() == 1) facts.structures = static_cast<int>(*structures_.begin());
  facts.images = images_;
  facts.averaged_images = averaged_;
  facts.ct_images = ct_;
  facts.trainings = trainings_;
  for (const auto& [spacing_mm, low, high] : preparations_)
    facts.preparations.push_back({spacing_mm, low, high});
  return facts;
}

Provenance MethodsUsed::with_models(Provenance page) const {
  std::vector<std::string> names, digests;
  for (const auto& [name, digest] : models_) {
    names.push_back(name);
    digests.push_back(digest);
  }
  page.model_name = boost::algorithm::join(names, ", ");
  page.model_digest = boost::algorithm::join(digests, ", ");
  page.device = boost::algorithm::join(devices_, ", ");
  return page;
}

Provenance MethodsUsed::provenance() const {
  Provenance provenance = with_models({});
  provenance.version =
      versions_.empty() ? std::string(version()) : boost::algorithm::join(versions_, ", ");
  provenance.code_url = code_url();
  return provenance;
}

}  // namespace hypersynth
