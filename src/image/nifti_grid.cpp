#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "core/error.h"
#include "core/number_text.h"
#include "image/nifti_header.h"
#include "image/rotation.h"

namespace hypersynth {

namespace {

constexpr std::int64_t kLastWorldCode = 5;
constexpr std::int64_t kUnitBits = 7;
/// How far sform and qform may differ without a warning. Programs that write headers round voxel
/// sizes to two or three digits, and 32 bits round the angles of a quaternion to 0.04 degrees.
constexpr double kSizeTolerance = 0.005;
constexpr double kAngleTolerance_deg = 0.5;

std::string text_of(double value) { return significant_digits(value, 4); }

std::string text_of(const std::array<double, 3>& sizes) {
  return text_of(sizes[0]) + " x " + text_of(sizes[1]) + " x " + text_of(sizes[2]);
}

std::array<double, 3> pixdim_of(const NiftiForms& forms) {
  return {std::abs(forms.pixdim[1]), std::abs(forms.pixdim[2]), std::abs(forms.pixdim[3])};
}

std::array<double, 3> sizes_of(const Affine& affine) { return spacing_mm({{1, 1, 1}, affine}); }

Affine sform_affine(const NiftiForms& forms) {
  Affine affine{{{}, {}, {}, {0, 0, 0, 1}}};
  std::copy(forms.srow.begin(), forms.srow.end(), affine.begin());
  return affine;
}

Affine qform_affine(const NiftiForms& forms) {
  Affine affine = rotation_from_quaternion(forms.quaternion);
  const double qfac = forms.pixdim[0] < 0 ? -1 : 1;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column)
      affine[row][column] *= forms.pixdim[column + 1] * (column == 2 ? qfac : 1);
    affine[row][3] = forms.qoffset[row];
  }
  return affine;
}

/// Whether an affine is finite and its voxels have edges between a nanometre and a kilometre and
/// are not flat.
bool is_regular(const Affine& affine) {
  constexpr double kLeast = 1e-6;
  constexpr double kMost = 1e6;
  double box = 1;
  for (const double size : sizes_of(affine)) {
    if (!(size >= kLeast && size <= kMost)) return false;
    box *= size;
  }
  for (const auto& row : affine) {
    if (!(std::abs(row[3]) <= 1e9)) return false;
  }
  return std::abs(determinant(affine)) > 1e-6 * box;
}

/// One of the two ways in which a header tells where the voxels lie.
struct Form {
  std::string name;  ///< "sform (code 2)"
  std::int64_t code = 0;
  Affine affine{};      ///< in the header's unit
  std::string problem;  ///< why it cannot be used; empty if it can

  bool given() const { return code > 0; }
  bool valid() const { return given() && problem.empty(); }
};

Form sform_of(const NiftiForms& forms) {
  Form form{"sform (code " + std::to_string(forms.sform_code) + ")", forms.sform_code,
            sform_affine(forms), ""};
  if (!is_regular(form.affine)) form.problem = "singular, not finite or out of any scale";
  return form;
}

Form qform_of(const NiftiForms& forms) {
  Form form{"qform (code " + std::to_string(forms.qform_code) + ")", forms.qform_code,
            qform_affine(forms), ""};
  for (std::size_t axis = 1; axis <= 3; ++axis) {
    if (!(forms.pixdim[axis] > 0)) {
      form.problem =
          "without positive voxel sizes (voxel size " + text_of(forms.pixdim[axis]) + ")";
      return form;
    }
  }
  if (!is_regular(form.affine)) form.problem = "not finite or out of any scale";
  return form;
}

[[noreturn]] void throw_without_form(const Form& sform, const Form& qform,
                                     const std::string& path) {
  if (!sform.given() && !qform.given()) {
    throw InputError(path, "an orientation in the header (sform or qform code above 0)",
                     "a header without orientation (both codes 0)");
  }
  std::string found;
  for (const Form* form : {&sform, &qform}) {
    found += found.empty() ? "" : " and ";
    found += form->given() ? "a " + form->name + " that is " + form->problem : "no " + form->name;
  }
  throw InputError(path, "a regular voxel-to-world affine", found);
}

/// Angle of the rotation that leads from one orthogonal matrix to another that mirrors like it.
double angle_between_deg(const Affine& a, const Affine& b) {
  double trace = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) trace += a[row][column] * b[row][column];
  }
  return std::acos(std::clamp((trace - 1) / 2, -1.0, 1.0)) * 180 / std::acos(-1.0);
}

void warn_of_directions(const Form& sform, const Form& qform, const Log& log) {
  const std::string both = "its " + sform.name + " and " + qform.name;
  const std::string used = "; the sform is used, programs that go by the qform see ";
  if (determinant(sform.affine) * determinant(qform.affine) < 0) {
    log.warning(both + " are mirror images of each other" + used + "the image mirrored");
    return;
  }
  const double angle =
      angle_between_deg(nearest_orthogonal(sform.affine), nearest_orthogonal(qform.affine));
  if (angle > kAngleTolerance_deg) {
    log.warning(both + " differ in direction by " + text_of(angle) + " degrees" + used +
                "the image turned");
  }
}

void warn_of_sizes(const Form& sform, const NiftiForms& forms, const Log& log) {
  const auto sizes = sizes_of(sform.affine);
  const auto stated = pixdim_of(forms);
  double ratio = 1;
  bool differs = false;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(stated[axis] > 0) || !std::isfinite(stated[axis])) return;  // nothing is stated
    ratio *= sizes[axis] / stated[axis];
    differs = differs || std::abs(sizes[axis] / stated[axis] - 1) > kSizeTolerance;
  }
  if (!differs) return;
  log.warning("its " + sform.name + " has voxels of " + text_of(sizes) + ", pixdim says " +
              text_of(stated) + "; the sform's are used, which makes volumes " + text_of(ratio) +
              " times those by pixdim");
}

/// Logs what is contradictory in a header: directions, voxel sizes, and a form that is given but
/// cannot be used.
void warn_of_contradictions(const Form& sform, const Form& qform, const NiftiForms& forms,
                            const Log& log) {
  if (sform.valid() && qform.valid()) warn_of_directions(sform, qform, log);
  if (sform.valid()) warn_of_sizes(sform, forms, log);
  for (const auto& [form, other] : {std::pair{&sform, &qform}, {&qform, &sform}}) {
    if (!form->given() || form->valid()) continue;
    log.warning("its " + form->name + " is " + form->problem + "; the " + other->name + " is used");
  }
}

Grid scaled(const Grid& grid, double factor) {
  Grid result = grid;
  for (std::size_t row = 0; row < 3; ++row) {
    for (double& element : result.world_from_voxel[row]) element *= factor;
  }
  return result;
}

/// Converts `grid` from the unit of the header to mm, unless only the bare numbers have the size of
/// a head.
Grid in_millimetres(const Grid& grid, LengthUnit unit, const Log& log) {
  if (unit != LengthUnit::kMetre && unit != LengthUnit::kMicrometre) return grid;
  const bool metres = unit == LengthUnit::kMetre;
  Grid honoured = scaled(grid, metres ? 1e3 : 1e-3);
  if (has_size_of_head(honoured) || !has_size_of_head(grid)) return honoured;
  log.warning(std::string("its header gives lengths in ") + (metres ? "metres" : "micrometres") +
              ", in which voxels of " + text_of(spacing_mm(grid)) +
              " are not those of a head; they are taken as millimetres");
  return grid;
}

/// The grid, in mm, on which `forms` place the voxels.
Grid place(const NiftiForms& forms, const std::array<std::int64_t, 3>& shape,
           const std::string& path, const Log& log) {
  const Form sform = sform_of(forms);
  const Form qform = qform_of(forms);
  if (!sform.valid() && !qform.valid()) throw_without_form(sform, qform, path);
  const Form& used = sform.valid() ? sform : qform;
  warn_of_contradictions(sform, qform, forms, log);
  Grid grid{shape, used.affine};
  grid.world_code = static_cast<int>(std::min(used.code, kLastWorldCode));
  return in_millimetres(grid, length_unit(forms), log);
}

/// The forms for files on the grid that `forms` describe. If only one of the two forms is valid, it
/// also takes the place of the other one.
std::shared_ptr<const NiftiForms> forms_to_write(const NiftiForms& forms) {
  auto result = std::make_shared<NiftiForms>(forms);
  const Form sform = sform_of(forms);
  const Form qform = qform_of(forms);
  if (!sform.valid()) {
    std::copy_n(qform.affine.begin(), 3, result->srow.begin());
    result->sform_code = qform.code;
  } else if (!qform.valid()) {
    set_qform(*result, sform.affine);
    result->qform_code = sform.code;
  }
  result->sform_code = std::min(result->sform_code, kLastWorldCode);
  result->qform_code = std::min(result->qform_code, kLastWorldCode);
  std::fill(result->pixdim.begin() + 4, result->pixdim.end(), 1.0);
  const LengthUnit unit = length_unit(forms);
  result->units = static_cast<int>(unit == LengthUnit::kUnknown ? LengthUnit::kMillimetre : unit);
  return result;
}

bool fits_float(const Affine& affine, const Affine& rounded) {
  return same_grid({{1, 1, 1}, affine}, {{1, 1, 1}, rounded}, 1e-5);
}

/// Whether the sform keeps its values in 32-bit floating point. A qform that comes from a file must
/// do so too.
bool fits_nifti1(const NiftiForms& forms, bool of_a_file) {
  NiftiForms rounded = forms;
  const auto round = [](double& value) { value = static_cast<double>(static_cast<float>(value)); };
  for (auto& row : rounded.srow) std::for_each(row.begin(), row.end(), round);
  if (!fits_float(sform_affine(forms), sform_affine(rounded))) return false;
  if (!of_a_file) return true;
  std::for_each(rounded.pixdim.begin(), rounded.pixdim.end(), round);
  std::for_each(rounded.quaternion.begin(), rounded.quaternion.end(), round);
  std::for_each(rounded.qoffset.begin(), rounded.qoffset.end(), round);
  return fits_float(qform_affine(forms), qform_affine(rounded));
}

/// The forms of a file on `grid`: those that the grid was read with, if they still describe it, or
/// new ones made from its affine.
NiftiForms forms_of(const Grid& grid, bool& of_a_file) {
  of_a_file = grid.forms != nullptr && same_grid(place(*grid.forms, grid.shape, "", Log()), grid);
  if (of_a_file) return *grid.forms;
  NiftiForms forms;
  forms.pixdim.fill(1);
  set_qform(forms, grid.world_from_voxel);
  std::copy_n(grid.world_from_voxel.begin(), 3, forms.srow.begin());
  forms.qform_code = forms.sform_code = grid.world_code;
  forms.units = static_cast<int>(LengthUnit::kMillimetre);
  return forms;
}

}  // namespace

LengthUnit length_unit(const NiftiForms& forms) {
  const auto unit = forms.units & kUnitBits;
  return unit > 3 ? LengthUnit::kUnknown : static_cast<LengthUnit>(unit);
}

bool has_size_of_head(const Grid& grid) {
  const auto spacing = spacing_mm(grid);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(spacing[axis] <= kMaxSpacingMm)) return false;
    if (!(spacing[axis] * static_cast<double>(grid.shape[axis]) >= kMinFieldOfViewMm)) return false;
  }
  return true;
}

void set_qform(NiftiForms& forms, const Affine& affine) {
  const auto [quaternion, proper] = nearest_quaternion(affine);
  const auto sizes = sizes_of(affine);
  forms.pixdim[0] = proper ? 1.0 : -1.0;
  std::copy(sizes.begin(), sizes.end(), forms.pixdim.begin() + 1);
  forms.quaternion = quaternion;
  for (std::size_t row = 0; row < 3; ++row) forms.qoffset[row] = affine[row][3];
}

Grid grid_of(const NiftiHeader& header, const std::string& path, const Log& log) {
  std::array<std::int64_t, 3> shape{};
  std::copy_n(header.dim.begin() + 1, 3, shape.begin());
  Grid grid = place(header, shape, path, log);
  grid.forms = forms_to_write(header);
  return grid;
}

NiftiHeader make_nifti_header(const Grid& grid, std::int64_t frames, NiftiType type) {
  NiftiHeader header;
  bool of_a_file = false;
  static_cast<NiftiForms&>(header) = forms_of(grid, of_a_file);
  constexpr auto kMaxDim = std::numeric_limits<std::int16_t>::max();
  const std::int64_t longest = *std::max_element(grid.shape.begin(), grid.shape.end());
  const bool small = std::max(frames, longest) <= kMaxDim;
  header.version = small && fits_nifti1(header, of_a_file) ? 1 : 2;
  header.dim = {frames > 1 ? 4 : 3, grid.shape[0], grid.shape[1], grid.shape[2], frames, 1, 1, 1};
  header.datatype = static_cast<std::int64_t>(type);
  header.bits_per_voxel = static_cast<std::int64_t>(8 * size_of(type));
  header.data_offset = header.version == 1 ? 352 : 544;
  header.scl_slope = 1;
  return header;
}

}  // namespace hypersynth
