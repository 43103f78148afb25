# SPDX-License-Identifier: BSD-2-Clause
# Images for the boards. The host's toolchain builds everything else, so these are custom
# commands; depfiles make a touched header rebuild what includes it.
find_program(AVR_CXX avr-g++ REQUIRED)
find_program(AVR_OBJDUMP avr-objdump REQUIRED)

set(avr_flags -std=gnu++14 -Os -flto -g -DF_CPU=1843200UL -I${PROJECT_SOURCE_DIR}
  -Wall -Wextra -Werror -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -ffunction-sections -fdata-sections
  -fno-jump-tables)  # comparisons cost fewer cycles than a table's jump
if(BMS_STREAM_WITHOUT_PIN)
  list(APPEND avr_flags -DBMS_STREAM_WITHOUT_PIN)
endif()
add_custom_target(firmware_images ALL)

function(add_avr_image profile traits board mcu)
  set(folder ${CMAKE_BINARY_DIR}/firmware/${profile})
  set(image ${folder}/${board}.elf)
  set(objects)
  foreach(source ${ARGN})
    string(REPLACE "/" "_" name ${source})
    set(object ${folder}/${board}/${name}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}/${board}
      COMMAND ${AVR_CXX} -mmcu=${mcu} ${avr_flags} -DBMS_PROFILE=${traits} -MD -MF ${object}.d -MT ${object}
        -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d
      COMMENT "Firmware ${profile}/${board}: ${source}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  # The image appears only once it is within its budgets.
  add_custom_command(OUTPUT ${image}
    COMMAND ${AVR_CXX} -mmcu=${mcu} ${avr_flags} -Wl,--gc-sections -mrelax ${objects} -o ${image}.unchecked
    COMMAND firmware_budget ${AVR_OBJDUMP} ${mcu} ${profile}/${board} ${image}.unchecked
    COMMAND ${CMAKE_COMMAND} -E rename ${image}.unchecked ${image}
    DEPENDS ${objects} firmware_budget
    COMMENT "Firmware ${profile}/${board}.elf" VERBATIM)
  add_custom_target(firmware_${profile}_${board} DEPENDS ${image})
  add_dependencies(firmware_images firmware_${profile}_${board})
endfunction()
