// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rig::reports {

/// Any bytes made fit for XML 1.0: characters that it cannot hold are dropped,
/// each byte that is no UTF-8 becomes U+FFFD.
std::string xml_text(std::string_view bytes);

/// Of the first character of `bytes`, which are not empty; 0: they are no UTF-8. Overlong forms,
/// surrogates and codes beyond U+10FFFF are none.
std::size_t utf8_length(std::string_view bytes);

}  // namespace rig::reports
