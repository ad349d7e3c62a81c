// The kinds of dataset that the bids-examples repository collects, each as a few paths: which of
// them are images to segment, and that nothing about them is found odd.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/filter.h"
#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

struct Kind {
  const char* name;
  std::vector<std::string> paths;
  std::vector<std::string> images;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kKinds = {
      {"quantitative imaging: only the uniform MP2RAGE image is a contrast",
       {"sub-01/anat/sub-01_UNIT1.nii.gz", "sub-01/anat/sub-01_inv-1_part-mag_MP2RAGE.nii.gz",
        "sub-01/anat/sub-01_inv-1_part-phase_MP2RAGE.nii.gz", "sub-01/anat/sub-01_T1map.nii.gz",
        "sub-01/anat/sub-01_flip-1_VFA.nii.gz", "sub-01/anat/sub-01_echo-1_MESE.nii.gz",
        "sub-01/anat/sub-01_echo-1_flip-2_mt-on_MPM.nii.gz",
        "sub-01/anat/sub-01_flip-1_mt-off_MTS.nii.gz", "sub-01/anat/sub-01_inv-1_IRT1.nii.gz",
        "sub-01/anat/sub-01_echo-1_part-real_MEGRE.nii.gz",
        "sub-01/fmap/sub-01_acq-anat_TB1TFL.nii.gz", "sub-01/fmap/sub-01_inv-1_SA2RAGE.nii.gz",
        "sub-01/anat/sub-01_part-phase_T1w.nii.gz", "sub-01/anat/sub-01_part-real_T2w.nii.gz",
        "sub-01/anat/sub-01_part-imag_T2w.nii.gz", "sub-01/anat/sub-01_part-mag_T2w.nii.gz"},
       {"sub-01/anat/sub-01_UNIT1.nii.gz", "sub-01/anat/sub-01_part-mag_T2w.nii.gz"}},
      {"a defaced head: the mask names the image it is of",
       {"sub-01/anat/sub-01_mod-T1w_defacemask.nii.gz", "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_acq-mean+defaced_T2w.nii.gz"},
       {"sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_acq-mean+defaced_T2w.nii.gz"}},
      {"several echoes, reconstructions, runs and contrast agents of one contrast",
       {"sub-01/anat/sub-01_echo-1_T1w.nii.gz", "sub-01/anat/sub-01_echo-2_T1w.nii.gz",
        "sub-01/anat/sub-01_ce-gad_rec-norm_run-01_T1w.nii.gz",
        "sub-01/anat/sub-01_ce-gad_rec-norm_run-1_PDw.nii"},
       {"sub-01/anat/sub-01_ce-gad_rec-norm_run-01_T1w.nii.gz",
        "sub-01/anat/sub-01_ce-gad_rec-norm_run-1_PDw.nii", "sub-01/anat/sub-01_echo-1_T1w.nii.gz",
        "sub-01/anat/sub-01_echo-2_T1w.nii.gz"}},
      {"magnetoencephalography: recordings that are folders, a room without a subject",
       {"sub-01/ses-meg/meg/sub-01_ses-meg_task-x_meg.ds/x.meg4",
        "sub-01/ses-meg/meg/sub-01_ses-meg_task-x_meg/c,rfDC",
        "sub-01/ses-meg/meg/sub-01_ses-meg_acq-calibration_meg.dat",
        "sub-emptyroom/ses-20090409/meg/sub-emptyroom_ses-20090409_task-noise_meg.fif",
        "sub-01/ses-mri/anat/sub-01_ses-mri_acq-mprage_T1w.nii.gz",
        "sub-01/ses-mri/anat/sub-01_ses-mri_run-1_echo-1_FLASH.nii.gz"},
       {"sub-01/ses-mri/anat/sub-01_ses-mri_acq-mprage_T1w.nii.gz"}},
      {"electrodes in the brain: anatomy beside recordings and photographs",
       {"sub-01/ses-postimp/anat/sub-01_ses-postimp_acq-render_photo.jpg",
        "sub-01/ses-preimp/anat/sub-01_ses-preimp_T1w.nii.gz",
        "sub-01/ses-postimp/ieeg/sub-01_ses-postimp_task-x_run-01_ieeg.mefd/a.timd/b.segd/c.tdat",
        "sub-01/ses-postimp/ieeg/sub-01_ses-postimp_task-x_ieeg.nwb",
        "sub-01/ses-postimp/ieeg/sub-01_ses-postimp_space-Other_electrodes.tsv"},
       {"sub-01/ses-preimp/anat/sub-01_ses-preimp_T1w.nii.gz"}},
      {"electroencephalography with and without anatomy",
       {"sub-01/eeg/sub-01_task-x_eeg.set", "sub-01/eeg/sub-01_task-x_eeg.mff/signal1.bin",
        "sub-01/eeg/sub-01_space-CapTrak_electrodes.tsv", "task-x_eeg.json",
        "sub-02/anat/sub-02_T1w.nii"},
       {"sub-02/anat/sub-02_T1w.nii"}},
      {"positron emission tomography with uncompressed anatomy",
       {"sub-01/ses-1/pet/sub-01_ses-1_trc-CPCH_rec-acdyn_pet.nii",
        "sub-01/ses-1/pet/sub-01_ses-1_recording-manual_blood.tsv",
        "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii", "sub-01/ses-2/pet/sub-01_ses-2_pet.nii.gz"},
       {"sub-01/ses-1/anat/sub-01_ses-1_T1w.nii"}},
      {"perfusion, diffusion and field maps",
       {"sub-01/perf/sub-01_asl.nii.gz", "sub-01/perf/sub-01_aslcontext.tsv",
        "sub-01/perf/sub-01_m0scan.nii.gz", "sub-01/perf/sub-01_asllabeling.jpg",
        "sub-01/dwi/sub-01_dir-AP_dwi.nii.gz", "sub-01/dwi/sub-01_dir-AP_dwi.bval", "dwi.bvec",
        "sub-01/fmap/sub-01_phasediff.nii.gz", "sub-01/anat/sub-01_T1w.nii.gz"},
       {"sub-01/anat/sub-01_T1w.nii.gz"}},
      {"microscopy, spectroscopy, optical imaging, motion, muscles",
       {"samples.tsv", "sub-01/micr/sub-01_sample-A_stain-LFB_chunk-01_SPIM.ome.zarr/0/0",
        "sub-01/micr/sub-01_sample-A_SEM.png", "sub-01/mrs/sub-01_nuc-1H_voi-ACC_svs.nii.gz",
        "sub-01/nirs/sub-01_task-x_nirs.snirf", "sub-01/emg/sub-01_task-x_emg.edf",
        "sub-01/motion/sub-01_task-x_tracksys-imu_motion.tsv", "sub-01/anat/sub-01_T1w.nii.gz"},
       {"sub-01/anat/sub-01_T1w.nii.gz"}},
      {"genetics and questionnaires at the root",
       {"genetic_info.json", "phenotype/acds_adult.tsv", "phenotype/acds_adult.json",
        "participants.json", "scans.json", "task-rest_bold.json", "T1w.json", "CITATION.cff",
        "README.md", "CHANGES", "LICENSE", "sub-1000001/sub-1000001_sessions.tsv",
        "sub-1000001/ses-2/sub-1000001_ses-2_scans.tsv",
        "sub-1000001/ses-2/anat/sub-1000001_ses-2_T2w.nii.gz"},
       {"sub-1000001/ses-2/anat/sub-1000001_ses-2_T2w.nii.gz"}},
      {"folders beside the subjects, and derivatives inside one",
       {"derivatives/x/sub-01/anat/sub-01_T1w.nii.gz", "sourcedata/sub-01/anat/sub-01_T1w.nii.gz",
        "code/sub-01/anat/sub-01_T1w.nii.gz", "stimuli/sub-01/anat/sub-01_T1w.nii.gz",
        "models/sub-01/anat/sub-01_T1w.nii.gz", "prov/prov-x_act.json", "tpl-A/anat/tpl-A_T1w.nii",
        ".datalad/sub-01/anat/sub-01_T1w.nii.gz", "sub-01/derivatives/anat/sub-01_T1w.nii.gz",
        "sub-01/ses-1/derivatives/sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/derivatives/sub-01_T1w.nii.gz", "sub-01/ses-1/anat/._sub-01_ses-1_T1w.nii.gz",
        "sub-01/ses-1/anat/sub-01_ses-1_inplaneT1.nii.gz"},
       {"sub-01/ses-1/anat/sub-01_ses-1_inplaneT1.nii.gz"}},
      {"sessions without files, subjects without sessions",
       {"sub-01/ses-1/", "sub-01/ses-2/anat/", "sub-02/", "sub-03/anat/sub-03_FLAIR.nii.gz",
        "sub-03/beh/sub-03_task-x_beh.tsv"},
       {"sub-03/anat/sub-03_FLAIR.nii.gz"}},
  };
  return kKinds;
}

TEST(DatasetKindsTest, EachHasTheImagesListedByHandAndNothingOdd) {
  for (const auto& kind : kinds()) {
    const auto layout = memory_layout(kind.paths);
    EXPECT_EQ(paths_of(layout.anatomical_images()), kind.images) << kind.name;
    for (const auto& file : layout.find(Query{})) layout.metadata(file);
    // The files are empty, also those that should be JSON.
    for (const auto& issue : layout.issues())
      EXPECT_EQ(issue.code, IssueCode::kJsonInvalid) << kind.name << ": " << issue.message;
  }
}

TEST(DatasetKindsTest, ADerivativeDatasetGivesOnlyWhatHasTheNameOfARawImage) {
  const char* const description =
      "\xEF\xBB\xBF{\"Name\": \"x\", \"BIDSVersion\": \"1.4.0\", \"DatasetType\": \"derivative\"}";
  const auto layout = memory_layout(
      {"sub-01/anat/sub-01_desc-preproc_T1w.nii.gz", "sub-01/anat/sub-01_hemi-L_pial.surf.gii",
       "sub-01/anat/sub-01_space-MNI152NLin2009cAsym_T1w.nii.gz",
       "sub-01/anat/sub-01_label-GM_probseg.nii.gz", "sub-01/anat/sub-01_T1w.nii.gz",
       "tpl-MNI/anat/tpl-MNI_T1w.nii.gz", "tpl-MNI/cohort-1/tpl-MNI_cohort-1_res-1_T1w.nii.gz",
       "sub-01.html", "logs/CITATION.md", "sub-01/figures/sub-01_desc-about_T1w.html"},
      {{"dataset_description.json", description}});
  EXPECT_THAT(paths_of(layout.anatomical_images()), ElementsAre("sub-01/anat/sub-01_T1w.nii.gz"));
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kDatasetIsDerivative));
}

TEST(DatasetKindsTest, PatternsOfBidsignoreTakeImagesAndSidecarsAway) {
  const auto layout = memory_layout(
      {"sub-01/ses-a/anat/sub-01_ses-a_run-1_echo-1_T2starw.nii.gz", "sub-02/extra/x.nii.gz",
       "sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz", "sub-01/ses-b/anat/sub-01_ses-b_T1w.nii.gz",
       "sub-02/anat/sub-02_T1w.nii.gz", "sub-02/anat/sub-02_acq-keep_T2w.nii.gz"},
      {{".bidsignore",
        "**/sub-*_ses-a_run-*_echo-*_T2starw.nii.gz\n/sub-01/ses-b\nextra\n*_T2w.*\n"
        "!*_acq-keep_*\nacq-x_T1w.json"},
       {"acq-x_T1w.json", "broken"},
       {"T1w.json", R"({"a": 1})"}});
  EXPECT_THAT(
      paths_of(layout.anatomical_images()),
      ElementsAre("sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz",
                  "sub-02/anat/sub-02_acq-keep_T2w.nii.gz"));
  EXPECT_EQ(layout.metadata(layout.anatomical_images()[0]).values(), json::parse(R"({"a": 1})"));
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kImagesIgnored));
}

TEST(DatasetKindsTest, SidecarsAreInheritedFromRootSubjectAndSession) {
  const std::string image = "sub-01/ses-01/anat/sub-01_ses-01_run-01_UNIT1.nii.gz";
  const auto layout = memory_layout(
      {image}, {{"UNIT1.json", R"({"root": 1, "all": 1})"},
                {"ses-02_UNIT1.json", R"({"other session": 1})"},
                {"MP2RAGE.json", R"({"other suffix": 1})"},
                {"sub-01/sub-01_run-1_UNIT1.json", R"({"subject": 2, "all": 2})"},
                {"sub-01/ses-01/sub-01_ses-01_UNIT1.json", R"({"session": 3, "all": 3})"},
                {"sub-01/ses-01/anat/sub-01_ses-01_UNIT1.json", R"({"folder": 4, "all": 4})"}});
  const auto metadata = layout.metadata(*layout.find(image));
  EXPECT_EQ(metadata.values(),
            json::parse(R"({"root": 1, "subject": 2, "session": 3, "folder": 4, "all": 4})"));
  EXPECT_EQ(metadata.source_of("all"), "sub-01/ses-01/anat/sub-01_ses-01_UNIT1.json");
  EXPECT_EQ(metadata.source_of("subject"), "sub-01/sub-01_run-1_UNIT1.json");
}

TEST(DatasetKindsTest, ASessionIsKnownByItsFolderOrByTheNameOfAnImage) {
  const auto layout = memory_layout({"sub-01/ses-1/", "sub-02/anat/sub-02_ses-pre_T1w.nii.gz"});
  EXPECT_THAT(select_images(layout, {.sessions = {"pre"}}), testing::SizeIs(1));
  EXPECT_THAT(select_images(layout, {.sessions = {"1"}}), IsEmpty());
  EXPECT_THROW(select_images(layout, {.sessions = {"2"}}), DatasetError);
}

}  // namespace
}  // namespace hypersynth::bids
