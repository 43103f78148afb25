# SPDX-License-Identifier: GPL-3.0-or-later
# Every target of ours links this: warnings are errors, includes start at the project's root.
add_library(rig_warnings INTERFACE)
target_include_directories(rig_warnings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(rig_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Werror)
