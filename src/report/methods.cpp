#include "report/methods.h"

#include <set>

#include "core/joined.h"
#include "core/number_text.h"

namespace hypersynth {
namespace {

Reference synthseg() {
  return {
      "Billot et al., 2023",
      "Billot B, Greve DN, Puonti O, Thielscher A, Van Leemput K, Fischl B, Dalca AV, Iglesias "
      "JE. SynthSeg: Segmentation of brain MRI scans of any contrast and resolution without "
      "retraining. Medical Image Analysis 86:102789, 2023.",
      "10.1016/j.media.2023.102789",
      "@article{billot2023synthseg,\n"
      "  title = {{SynthSeg}: Segmentation of brain {MRI} scans of any contrast and resolution "
      "without retraining},\n"
      "  author = {Billot, Benjamin and Greve, Douglas N. and Puonti, Oula and Thielscher, Axel "
      "and Van Leemput, Koen and Fischl, Bruce and Dalca, Adrian V. and Iglesias, Juan "
      "Eugenio},\n"
      "  journal = {Medical Image Analysis}, volume = {86}, pages = {102789}, year = {2023},\n"
      "  doi = {10.1016/j.media.2023.102789}\n}\n"};
}

Reference learn2synth() {
  return {
      "Hu et al., 2025",
      "Hu X, Zeng X, Puonti O, Iglesias JE, Fischl B, Balbastre Y. Learn2Synth: Learning Optimal "
      "Data Synthesis Using Hypergradients for Brain Image Segmentation. Proceedings of the "
      "IEEE/CVF International Conference on Computer Vision (ICCV), 2025, 20368-20378. "
      "arXiv:2411.16719.",
      "10.48550/arXiv.2411.16719",
      "@inproceedings{hu2025learn2synth,\n"
      "  title = {{Learn2Synth}: Learning Optimal Data Synthesis Using Hypergradients for Brain "
      "Image Segmentation},\n"
      "  author = {Hu, Xiaoling and Zeng, Xiangrui and Puonti, Oula and Iglesias, Juan Eugenio "
      "and Fischl, Bruce and Balbastre, Ya{\\\"e}l},\n"
      "  booktitle = {Proceedings of the IEEE/CVF International Conference on Computer Vision},\n"
      "  pages = {20368--20378}, year = {2025}\n}\n"};
}

Reference n4() {
  return {
      "Tustison et al., 2010",
      "Tustison NJ, Avants BB, Cook PA, Zheng Y, Egan A, Yushkevich PA, Gee JC. N4ITK: Improved "
      "N3 bias correction. IEEE Transactions on Medical Imaging 29(6):1310-1320, 2010.",
      "10.1109/TMI.2010.2046908",
      "@article{tustison2010n4itk,\n"
      "  title = {{N4ITK}: Improved {N3} bias correction},\n"
      "  author = {Tustison, Nicholas J. and Avants, Brian B. and Cook, Philip A. and Zheng, "
      "Yuanjie and Egan, Alexander and Yushkevich, Paul A. and Gee, James C.},\n"
      "  journal = {IEEE Transactions on Medical Imaging}, volume = {29}, number = {6}, pages = "
      "{1310--1320}, year = {2010},\n"
      "  doi = {10.1109/TMI.2010.2046908}\n}\n"};
}

Reference mriqc() {
  return {
      "Esteban et al., 2017",
      "Esteban O, Birman D, Schaer M, Koyejo OO, Poldrack RA, Gorgolewski KJ. MRIQC: Advancing "
      "the automatic prediction of image quality in MRI from unseen sites. PLOS ONE "
      "12(9):e0184661, 2017.",
      "10.1371/journal.pone.0184661",
      "@article{esteban2017mriqc,\n"
      "  title = {{MRIQC}: Advancing the automatic prediction of image quality in {MRI} from "
      "unseen sites},\n"
      "  author = {Esteban, Oscar and Birman, Daniel and Schaer, Marie and Koyejo, Oluwasanmi O. "
      "and Poldrack, Russell A. and Gorgolewski, Krzysztof J.},\n"
      "  journal = {PLOS ONE}, volume = {12}, number = {9}, pages = {e0184661}, year = {2017},\n"
      "  doi = {10.1371/journal.pone.0184661}\n}\n"};
}

/// "labelled scans", with their number where it is known.
std::string labelled_scans(const ModelTraining& training) {
  const auto count = training.labelled_scans;
  if (count == 0) return "labelled scans";
  return std::to_string(count) + (count == 1 ? " labelled scan" : " labelled scans");
}

/// "trained on ...", with what is cited for it.
std::string how_trained(const ModelTraining& training) {
  const std::string scans = labelled_scans(training);
  const std::string prepared = ", on images prepared as in SynthSeg (Billot et al., 2023)";
  if (training.method == "supervised") return "trained on " + scans + prepared;
  if (training.method == "finetune")
    return "trained further on " + scans + " from the weights of an earlier model" + prepared;
  const std::string synthetic =
      "trained on synthetic images of random contrast and resolution generated from label maps "
      "(SynthSeg; Billot et al., 2023)";
  if (training.method == "mixed") return synthetic + " and, in equal parts, on " + scans;
  if (training.learned_synthesis || training.method == "learn2synth") {
    return synthetic + ", with a synthesis tuned by hypergradients on " + scans +
           " (Learn2Synth; Hu et al., 2025)";
  }
  return synthetic;
}

/// What was done with the weights in the end, if anything.
std::string how_averaged(const ModelTraining& training) {
  if (training.tuned_share >= 1) return "";
  const std::string share = significant_digits(100 * training.tuned_share, 3);
  return "; its weights are the mean of those so tuned (" + share +
         " %) and of those that the training began with";
}

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> words;
  for (const double value : values) words.push_back(significant_digits(value, 3));
  return joined(words, ", ");
}

std::string parameter_words(const TunedParameter& parameter) {
  if (parameter.start.empty()) return parameter.name;
  if (parameter.start == parameter.learned)
    return parameter.name + ", at " + numbers(parameter.start) + " throughout";
  return parameter.name + ", from " + numbers(parameter.start) + " to " +
         numbers(parameter.learned);
}

/// What could be learned of the synthesis, and what was.
std::string parameter_sentence(const ModelTraining& training) {
  std::vector<std::string> words;
  for (const auto& parameter : training.parameters) words.push_back(parameter_words(parameter));
  if (words.empty()) return "";
  return " Parameters of its synthesis: " + joined(words, "; ") + ".";
}

/// "a or b", each phrase once.
std::string alternatives(const std::vector<std::string>& phrases) {
  std::string text;
  std::set<std::string> seen;
  for (const auto& phrase : phrases) {
    if (seen.insert(phrase).second) text += (text.empty() ? "" : " or ") + phrase;
  }
  return text;
}

std::string segmentation_paragraph(const MethodFacts& facts, const Provenance& provenance) {
  const std::string images =
      facts.suffixes.empty() ? "The anatomical" : "The " + joined_as_list(facts.suffixes, " and ");
  std::string text = images + " images were segmented";
  if (facts.structures > 0) {
    text += " into " + std::to_string(facts.structures) + " brain structures";
  }
  text += " with hypersynth " + provenance.version;
  if (!provenance.code_url.empty()) text += " (" + provenance.code_url + ")";
  std::vector<std::string> trained;
  std::string parameters;
  for (const auto& training : facts.trainings) {
    trained.push_back(how_trained(training) + how_averaged(training));
    parameters += parameter_sentence(training);
  }
  if (trained.empty()) trained.push_back(how_trained({}));
  text += ", which segments with a convolutional neural network " + alternatives(trained) + "." +
          parameters;
  if (!provenance.model_name.empty()) {
    text += " The model was " + provenance.model_name;
    if (!provenance.model_digest.empty()) text += " (digest " + provenance.model_digest + ")";
    text += ".";
  }
  return text;
}

std::string preparation_sentence(const std::vector<ImagePreparation>& preparations) {
  std::vector<std::string> voxels, percentiles;
  for (const auto& preparation : preparations) {
    voxels.push_back(significant_digits(preparation.spacing_mm, 6) + " mm");
    percentiles.push_back(significant_digits(preparation.low_percentile, 6) + " and " +
                          significant_digits(preparation.high_percentile, 6));
  }
  const bool known = !preparations.empty();
  return "Each image was reoriented to RAS, resampled to " +
         (known ? alternatives(voxels) + " isotropic voxels" : "the model's isotropic voxels") +
         " where its own differed, and its intensities were scaled between " +
         (known ? "their " + alternatives(percentiles) + " percentiles."
                : "two of their percentiles.");
}

std::string processing_paragraph(const MethodFacts& facts) {
  std::string text = preparation_sentence(facts.preparations);
  if (facts.ct_images > 0)
    text += " Before, the Hounsfield units of " +
            (facts.ct_images < facts.images
                 ? std::to_string(facts.ct_images) + " of the " + std::to_string(facts.images) +
                       " images, which are CT,"
                 : std::string(facts.images > 1 ? "all images" : "the image")) +
            " were clipped to 0 to 80.";
  if (facts.averaged_images > 0) {
    if (facts.averaged_images < facts.images) {
      text += " For " + std::to_string(facts.averaged_images) + " of the " +
              std::to_string(facts.images) + " images, posterior";
    } else {
      text += " Posterior";
    }
    text += " probabilities of the image and of its left-right mirror image were averaged.";
  }
  text +=
      " Voxels of a structure apart from its largest piece were removed, but for the fluid around "
      "the brain."
      " The posterior probabilities were resampled to the grid of the source image, where each "
      "voxel got its most probable label. Volumes are sums of posterior probabilities times the "
      "voxel volume; the intracranial volume is their total over brain and cerebrospinal fluid. "
      "Image quality was measured with the "
      "definitions of MRIQC (Esteban et al., 2017), where these ask for it after correction of the "
      "bias field with N4 (Tustison et al., 2010).";
  return text;
}

}  // namespace

Methods methods_of(const MethodFacts& facts, const Provenance& provenance) {
  Methods methods;
  methods.text = segmentation_paragraph(facts, provenance) + "\n\n" + processing_paragraph(facts);
  for (auto& reference : {synthseg(), learn2synth(), mriqc(), n4()}) {
    if (methods.text.find(reference.key) != std::string::npos)
      methods.references.push_back(reference);
  }
  return methods;
}

}  // namespace hypersynth
