// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <catch2/catch.hpp>

#include <string>

#include "firmware/core/app_link.hpp"
#include "tests/firmware/pack_under_test.hpp"

namespace bms {

/// The app's end of the link to a pack under test.
struct Phone : PackUnderTest {
    AppLink link{1};

    std::string send(const std::string& characters) {
        link.step(now);
        std::string heard;
        for (const char c : characters)
            if (link.receive(c)) {
                const AppText& answer = link.answer(pack);
                heard.append(answer.characters(), answer.length());
            }
        return heard;
    }

    /// The answer to one command, its echo checked and taken off.
    std::string ask(const std::string& command) {
        const std::string heard = send(command + "\r");
        REQUIRE(heard.substr(0, command.size() + 1) == command + "\r");
        REQUIRE(heard.back() == '\r');
        return heard.substr(command.size() + 1, heard.size() - command.size() - 2);
    }

    /// A message, which the stream is told of.
    void streamed_message() {
        message();
        link.message();
    }

    /// What the stream says now.
    std::string records() {
        link.step(now);
        std::string heard;
        while (const AppText* record = link.record(pack)) {
            REQUIRE(record->length() <= AppStream::longest_record);
            heard.append(record->characters(), record->length());
        }
        return heard;
    }

    /// What the stream says to these bytes.
    std::string pump(const std::string& bytes = "$") {
        send(bytes);
        return records();
    }
};

struct Unlocked : Phone {
    Unlocked() { REQUIRE(ask("PW1234!") == "OK"); }
};

}  // namespace bms
