# SPDX-License-Identifier: GPL-3.0-or-later
# Writes OUTPUT, a C++ file in which each of FILES (name=path) is a constant of
# NAMESPACE: cmake -DOUTPUT=… -DHEADER=… -DNAMESPACE=… "-DFILES=a=x.css;b=y.js" -P embed.cmake
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.*)$" entry "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "static const unsigned char bytes_of_${name}[] = {${bytes}};\n"
    "const std::string_view ${name}{reinterpret_cast<const char*>(bytes_of_${name}), sizeof bytes_of_${name}};\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}}\n")
