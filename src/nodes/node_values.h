#pragma once

#include "engine/inference/segmenter.h"
#include "nodes/image_record.h"
#include "nodes/published_file.h"
#include "pipeline/graph/value.h"
#include "quality/measure.h"

// Makes the types that the steps pass on to each other values of the workflow, so that they can be
// hashed, stored and sent to another process. A struct becomes the list of its members in the order
// given here.

namespace hypersynth::pipeline {

/// Converts a struct of type T to the list of its members `kMembers`, and back. from_value() throws
/// ValueError if the list has another length.
template <class T, auto... kMembers>
struct MemberTraits {
  static Value to_value(const T& fields) {
    return Value(List{pipeline::to_value(fields.*kMembers)...});
  }
  static T from_value(const Value& value) {
    const auto& list = value.as<List>();
    if (list.size() != sizeof...(kMembers)) throw ValueError();
    T fields;
    std::size_t index = 0;
    const auto read = [&](auto& field) {
      field = pipeline::from_value<std::remove_cvref_t<decltype(field)>>(list[index++]);
    };
    (read(fields.*kMembers), ...);
    return fields;
  }
};

template <>
struct ValueTraits<LabelVolume>
    : MemberTraits<LabelVolume, &LabelVolume::index, &LabelVolume::name, &LabelVolume::soft_mm3,
                   &LabelVolume::hard_mm3, &LabelVolume::mean_posterior> {};

template <>
struct ValueTraits<StepTime> : MemberTraits<StepTime, &StepTime::step, &StepTime::seconds> {};

template <>
struct ValueTraits<MeasureValue>
    : MemberTraits<MeasureValue, &MeasureValue::name, &MeasureValue::value, &MeasureValue::note> {};

template <>
struct ValueTraits<SourceIdentity>
    : MemberTraits<SourceIdentity, &SourceIdentity::size_bytes, &SourceIdentity::modified_ns,
                   &SourceIdentity::changed_ns, &SourceIdentity::inode, &SourceIdentity::digest,
                   &SourceIdentity::annex_key> {};

template <>
struct ValueTraits<PublishedFile>
    : MemberTraits<PublishedFile, &PublishedFile::path, &PublishedFile::size_bytes,
                   &PublishedFile::modified_ns, &PublishedFile::digest> {};

template <>
struct ValueTraits<SynthesisParameter>
    : MemberTraits<SynthesisParameter, &SynthesisParameter::name, &SynthesisParameter::start,
                   &SynthesisParameter::learned> {};

template <>
struct ValueTraits<TrainingFacts>
    : MemberTraits<TrainingFacts, &TrainingFacts::method, &TrainingFacts::steps,
                   &TrainingFacts::learned_synthesis, &TrainingFacts::options,
                   &TrainingFacts::labelled_scans, &TrainingFacts::synthesis,
                   &TrainingFacts::tuned_share> {};

template <>
struct ValueTraits<Recipe>
    : MemberTraits<Recipe, &Recipe::version, &Recipe::model, &Recipe::model_digest, &Recipe::fast,
                   &Recipe::training, &Recipe::steps, &Recipe::ct, &Recipe::thresholds> {};

template <>
struct ValueTraits<InputRecipe>
    : MemberTraits<InputRecipe, &InputRecipe::spacing_mm, &InputRecipe::low_percentile,
                   &InputRecipe::high_percentile, &InputRecipe::clamp_min,
                   &InputRecipe::clamp_max> {};

template <>
struct ValueTraits<ImageGeometry>
    : MemberTraits<ImageGeometry, &ImageGeometry::shape, &ImageGeometry::spacing_mm,
                   &ImageGeometry::orientation> {};

}  // namespace hypersynth::pipeline
