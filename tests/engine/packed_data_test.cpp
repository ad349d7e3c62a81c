#include "engine/data/packed_data.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

template <typename F>
std::string message_of(F action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

void put(LabelMap& map, std::int32_t value) { map.at(0, 0, 0) = value; }

TEST(PackedDataTest, WhatIsPackedIsReadBackInRasOrderWithZFastest) {
  const TemporaryDir folder;
  const auto packed = PackedData::open(write_small_pack(folder.path()));
  ASSERT_EQ(packed.label_maps().size(), 2u);
  ASSERT_EQ(packed.real_images().size(), 2u);
  EXPECT_FALSE(packed.label_maps()[0].validation);
  EXPECT_TRUE(packed.label_maps()[1].validation);
  EXPECT_EQ(packed.table().rows().size(), 5u);
  const auto& map = packed.label_maps()[0];
  EXPECT_EQ(map.shape, (std::array<std::int64_t, 3>{22, 22, 22}));  // 3..21 and a margin of 2
  EXPECT_EQ(map.box[0], (std::array<std::int64_t, 2>{4, 18}));
  const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return map.labels[(x * map.shape[1] + y) * map.shape[2] + z];
  };
  EXPECT_EQ(at(4, 10, 4), 1);   // left
  EXPECT_EQ(at(17, 10, 4), 2);  // right
  EXPECT_EQ(at(10, 10, 10), 3);
}

TEST(PackedDataTest, AMapInAnotherOrientationPacksTheSame) {
  auto map = small_volume();
  const auto straight = pack_label_map(map, small_table(), 1, "a");
  LabelMap mirrored = map;
  mirrored.grid.world_from_voxel[0] = {-1, 0, 0, 23};
  for (std::int64_t k = 0; k < 24; ++k) {
    for (std::int64_t j = 0; j < 24; ++j) {
      for (std::int64_t i = 0; i < 24; ++i) mirrored.at(i, j, k) = map.at(23 - i, j, k);
    }
  }
  EXPECT_EQ(pack_label_map(mirrored, small_table(), 1, "a").labels, straight.labels);
}

TEST(PackLabelMapTest, NamesTheLabelsThatTheTableLacks) {
  auto map = small_volume();
  put(map, 77);
  map.at(1, 0, 0) = 78;
  const auto message = message_of([&] { pack_label_map(map, small_table(), 1, "map.nii"); });
  EXPECT_NE(message.find("map.nii"), std::string::npos);
  EXPECT_NE(message.find("77, 78"), std::string::npos);
}

TEST(PackLabelMapTest, TakesTheNearestLabelsOfMapsWithOtherVoxels) {
  auto map = small_volume();
  map.grid.world_from_voxel[1][1] = 2;
  const auto packed = pack_label_map(map, small_table(), 1, "m");
  // 18 of 24 voxels are tissue; along the second axis each becomes two.
  EXPECT_EQ(packed.volume.shape, (std::array<std::int64_t, 3>{22, 40, 22}));
  const auto count = [](const OwnedVolume& volume, std::uint8_t row) {
    return std::count(volume.labels.begin(), volume.labels.end(), row);
  };
  const auto straight = pack_label_map(small_volume(), small_table(), 1, "m");
  for (std::uint8_t row = 1; row < 5; ++row)
    EXPECT_EQ(count(packed, row), 2 * count(straight, row));
}

TEST(PackLabelMapTest, RefusesMapsWithoutStructures) {
  LabelMap empty(small_volume().grid, 500);
  EXPECT_NE(message_of([&] { pack_label_map(empty, small_table(), 1, "m"); }).find("none"),
            std::string::npos);
}

TEST(PackRealImageTest, RefusesAReferenceOnAnotherGridOrWithoutCommonLabels) {
  const auto map = small_volume();
  std::vector<std::int32_t> unknown;
  LabelMap smaller(Grid{{20, 24, 24}, map.grid.world_from_voxel}, 2);
  EXPECT_NE(message_of([&] {
              pack_real_image(image_of(map), smaller, small_table(), 1, "t1.nii", unknown);
            }).find("20 x 24 x 24"),
            std::string::npos);
  LabelMap foreign(map.grid, 901);
  const auto message = message_of(
      [&] { pack_real_image(image_of(map), foreign, small_table(), 1, "t1.nii", unknown); });
  EXPECT_NE(message.find("901"), std::string::npos);
}

TEST(PackRealImageTest, IgnoresForeignLabelsAndScalesTheImage) {
  auto map = small_volume();
  put(map, 999);
  std::vector<std::int32_t> unknown;
  const auto packed =
      pack_real_image(image_of(small_volume()), map, small_table(), 1, "x", unknown);
  EXPECT_EQ(unknown, std::vector<std::int32_t>{999});
  EXPECT_EQ(packed.labels[0], kIgnoredVoxel);
  EXPECT_EQ(*std::min_element(packed.image.begin(), packed.image.end()), 0);
  EXPECT_LE(*std::max_element(packed.image.begin(), packed.image.end()), 1.2F);
}

TEST(PackRealImageTest, ResamplesToTheVoxelsOfTheLabelMaps) {
  auto map = small_volume();
  for (std::size_t axis = 0; axis < 3; ++axis) map.grid.world_from_voxel[axis][axis] = 2;
  std::vector<std::int32_t> unknown;
  const auto packed = pack_real_image(image_of(map), map, small_table(), 1, "x", unknown);
  EXPECT_EQ(packed.volume.shape, (std::array<std::int64_t, 3>{48, 48, 48}));
  EXPECT_EQ(std::count(packed.labels.begin(), packed.labels.end(), 3) > 0, true);
}

TEST(PackRealImageTest, MakesBackgroundOfUndrawnStructures) {
  auto map = small_volume();
  put(map, 2);  // far from the others
  std::vector<std::int32_t> unknown;
  const auto packed =
      pack_real_image(image_of(small_volume()), map, small_table(), 1, "x", unknown, {2, 14});
  EXPECT_TRUE(unknown.empty());
  const auto drawn = pack_real_image(image_of(small_volume()), map, small_table(), 1, "x", unknown);
  EXPECT_EQ(packed.image, drawn.image);
  ASSERT_EQ(packed.labels.size(), drawn.labels.size());
  const auto table = small_table();
  for (std::size_t i = 0; i < packed.labels.size(); ++i) {
    const bool undrawn =
        drawn.labels[i] == table.class_of(2) || drawn.labels[i] == table.class_of(14);
    ASSERT_EQ(packed.labels[i], undrawn ? 0 : drawn.labels[i]) << i;
  }
  // The box of the structures is that of the right half alone.
  EXPECT_EQ(packed.volume.box, (VoxelRanges{{{12, 19}, {5, 19}, {5, 19}}}));
  EXPECT_EQ(drawn.volume.box[0][0], 0);
}

TEST(PackRealImageTest, MakesBackgroundOfAllThatIsSegmentedAsAnUndrawnStructure) {
  const auto table = parse_label_table(
      "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
      "0\tbackground\t0\t0\t0\n"
      "2\tmatter\t2\t1\t2\n"
      "41\tlesion\t41\t1\t14\n"
      "14\tventricle\t14\t2\t14\n",
      "labels.tsv");
  auto map = small_volume();
  for (auto& label : map.voxels) label = label == 500 ? 0 : label;
  std::vector<std::int32_t> unknown;
  const auto packed = pack_real_image(image_of(small_volume()), map, table, 1, "x", unknown, {14});
  EXPECT_EQ(*std::max_element(packed.labels.begin(), packed.labels.end()), table.class_of(2));
}

TEST(PackRealImageTest, RefusesAReferenceOfUndrawnStructuresAloneAndSaysWhatItHas) {
  std::vector<std::int32_t> unknown;
  const auto message = message_of([&] {
    const auto map = small_volume();
    pack_real_image(image_of(map), map, small_table(), 1, "t1.nii", unknown, {2, 14, 41});
  });
  EXPECT_NE(message.find("it has 0, 2, 14, 41, 500"), std::string::npos) << message;
}

TEST(PackedDataTest, UndrawnLabelsAreReadBackAndAFileWithoutThemHasNone) {
  const TemporaryDir folder;
  EXPECT_EQ(PackedData::open(write_small_pack(folder.path(), {41, 14})).undrawn_labels(),
            (std::vector<std::int32_t>{41, 14}));
  const auto path = write_small_pack(folder.path());
  EXPECT_TRUE(PackedData::open(path).undrawn_labels().empty());
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(bytes.find("undrawn"), std::string::npos);  // as older versions wrote it
}

TEST(PackedDataTest, DamagedFilesAreRefused) {
  const TemporaryDir folder;
  const auto path = write_small_pack(folder.path());
  EXPECT_NE(message_of([&] { PackedData::open(folder.path() / "absent"); }).find("no readable"),
            std::string::npos);
  const auto size = std::filesystem::file_size(path);
  for (const auto bytes :
       {size - 1, size / 2, std::uintmax_t{40}, std::uintmax_t{12}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(path, bytes);
    EXPECT_NE(message_of([&] { PackedData::open(path); }), "accepted") << bytes;
  }
  std::ofstream(path) << "HSPACK02 and then nonsense that is long enough";
  EXPECT_NE(message_of([&] { PackedData::open(path); }), "accepted");
  std::ofstream(path) << "HSPACK01 and then an index and arrays";
  EXPECT_NE(message_of([&] { PackedData::open(path); }).find("pack again"), std::string::npos);
}

TEST(PackedDataTest, AFileThatIsNotFinishedLeavesNothing) {
  const TemporaryDir folder;
  const auto map = pack_label_map(small_volume(), small_table(), 1, "map");
  { PackedDataWriter(folder / "data.pack", small_table(), 1).add(map.view()); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

/// A packed file with `index` and no arrays.
std::string file_with_index(const TemporaryDir& folder, const std::string& index) {
  const std::string path = folder / "index.pack";
  const std::uint64_t bytes = index.size();
  std::ofstream stream(path, std::ios::binary);
  stream << "HSPACK02" << std::string(56 + 64, '\0') << index;
  stream.write(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  stream << "HSPACK02";
  return path;
}

TEST(PackedDataTest, HostileIndexesAreRefusedWithTheReason) {
  const TemporaryDir folder;
  const std::string table =
      "{\"label_table\":\"index\\tname\\tcontralateral\\tintensity_class\\tsegmentation_index\\n"
      "0\\tb\\t0\\t0\\t0\\n2\\tx\\t2\\t1\\t2\\n\",\"spacing_mm\":1,\"volumes\":";
  const auto volume = [&](const std::string& fields) { return table + "[{" + fields + "}]}"; };
  const auto good = [](const std::string& shape, const std::string& box,
                       const std::string& labels) {
    return "\"name\":\"a\",\"validation\":false,\"shape\":" + shape + ",\"box\":" + box +
           ",\"labels\":" + labels;
  };
  const std::string box = "[[0,1],[0,1],[0,1]]";
  EXPECT_EQ(message_of([&] {
              PackedData::open(file_with_index(folder, volume(good("[1,1,1]", box, "0"))));
            }),
            "accepted");
  const auto refuse = [&](const std::string& index, const std::string& expected,
                          const std::string& found) {
    try {
      PackedData::open(file_with_index(folder, index));
      ADD_FAILURE() << "accepted: " << index.substr(0, 200);
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), folder / "index.pack");
      EXPECT_NE(error.expected().find(expected), std::string::npos) << error.what();
      EXPECT_NE(error.found().find(found), std::string::npos) << error.what();
    }
  };
  const auto undrawn = [&](const std::string& labels) {
    return table + "[],\"undrawn_labels\":" + labels + "}";
  };
  for (const char* accepted : {"[]", "[2]"})
    EXPECT_EQ(message_of([&] { PackedData::open(file_with_index(folder, undrawn(accepted))); }),
              "accepted");
  std::string many = "[2";
  for (int i = 0; i < 100000; ++i) many += ",2";
  refuse(undrawn("[0]"), "segmented structures in \"undrawn_labels\"", "0");
  refuse(undrawn("[-1]"), "segmented structures", "-1");
  refuse(undrawn("[2,3]"), "segmented structures", "3");
  refuse(undrawn("[2,2]"), "\"undrawn_labels\" once", "2 again");
  refuse(undrawn(many + "]"), "\"undrawn_labels\" once", "2 again");
  refuse(undrawn("[2.5]"), "a label of \"undrawn_labels\"", "2.5");
  refuse(undrawn("[4294967298]"), "an integer from -2147483648 to 2147483647", "4294967298");
  refuse(undrawn("[1e99]"), "a label of \"undrawn_labels\"", "1e+99");
  refuse(undrawn("[\"2\"]"), "a label of \"undrawn_labels\"", "\"2\"");
  refuse(undrawn("[[2]]"), "a label of \"undrawn_labels\"", "a list");
  for (const char* other : {"2", "null", "true", "\"2\""})
    refuse(undrawn(other), "\"undrawn_labels\", a list", other);
  refuse(undrawn("{\"2\":2}"), "\"undrawn_labels\", a list", "an object");
  refuse("{\"spacing_mm\":1,\"spacing_mm\":2}", "every key once", "\"spacing_mm\" again");
  refuse(std::string(5000, '['), "at most 64 levels", "more");
  refuse("[]", "an object with \"label_table\"", "a list of 0");
  refuse(table + "7}", "\"volumes\", a list", "7");
  refuse(table + "[7]}", "an object with \"name\"", "7");
  refuse(volume("\"name\":1"), "\"name\", text", "1");
  refuse(volume("\"name\":\"a\",\"validation\":0"), "\"validation\", true or false", "0");
  refuse(volume(good("[1,1]", box, "0")), "three elements in \"shape\"", "2");
  refuse(volume(good("[1,1,0]", box, "0")), "an integer from 1 to 4096", "0");
  refuse(volume(good("[1,1,5000]", box, "0")), "an integer from 1 to 4096", "5000");
  refuse(volume(good("[1,1,1.5]", box, "0")), "an integer from 1 to 4096", "1.5");
  refuse(volume(good("[1,1,1]", "[[0,1],[0,1]]", "0")), "three elements in \"box\"", "2");
  refuse(volume(good("[1,1,1]", "[[0,1],[0,1],[0]]", "0")), "pairs of integers", "another value");
  refuse(volume(good("[1,1,1]", "[[0,1],[0,1],[-1,1]]", "0")), "an integer from 0 to 1", "-1");
  refuse(volume(good("[1,1,1]", "[[0,1],[0,1],[0,2]]", "0")), "an integer from 0 to 1", "2");
  refuse(volume(good("[1,1,1]", box, "-64")), "\"labels\", an integer from 0", "-64");
  refuse(volume(good("[1,1,1]", box, "64000")), "arrays inside the file", "beyond it");
  refuse(volume(good("[1,1,1]", box, "1e999")), "JSON", "number overflow");
}

}  // namespace
}  // namespace hypersynth
