#include <itkMacro.h>
#include <itkMultiThreaderBase.h>
#include <itkObject.h>
#include <mutex>
#include <new>
#include <string>

#include "core/error.h"
#include "image/itk_call.h"

namespace hypersynth {

void prepare_itk() {
  static std::once_flag once;
  std::call_once(once, [] {
    itk::Object::GlobalWarningDisplayOff();
    // Not ITK's pool, which would start threads that then have nothing to do.
    itk::MultiThreaderBase::SetGlobalDefaultThreader(
        itk::MultiThreaderBase::ThreaderEnum::Platform);
    itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  });
}

void rethrow_itk_error(const char* step) {
  try {
    throw;
  } catch (const itk::MemoryAllocationError&) {
    throw std::bad_alloc();
  } catch (const itk::ExceptionObject& error) {
    throw Error(ExitCode::kInternal, std::string(step) + ": " + error.GetDescription());
  }
}

}  // namespace hypersynth
