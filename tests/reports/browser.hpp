// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace rig::reports {

/// Chromium without a window, told what to do over the two pipes of its
/// DevTools protocol. Every call waits for its answer, and notes what the page
/// complained of and asked for meanwhile.
class Browser {
public:
    using Json = nlohmann::json;

    /// "" where there is none.
    static std::string program() {
        for (const char* name : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
            if (std::filesystem::exists(name)) return name;
        return "";
    }

    explicit Browser(const std::filesystem::path& folder) {
        int orders[2], answers[2];
        if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipes");
        process_ = fork();
        if (process_ == 0) {
            // Numbers 3 and 4 may be taken by these very pipes.
            const int in = fcntl(orders[0], F_DUPFD, 10), out = fcntl(answers[1], F_DUPFD, 10);
            dup2(in, 3);
            dup2(out, 4);
            close(in);
            close(out);
            dup2(open((folder / "browser.log").c_str(), O_CREAT | O_WRONLY, 0644), STDERR_FILENO);
            const auto profile = "--user-data-dir=" + (folder / "profile").string();
            execl(program().c_str(), "chromium", "--headless", "--no-sandbox", "--disable-gpu",
                  "--disable-dev-shm-usage", "--remote-debugging-pipe", "--no-first-run", "--no-proxy-server",
                  "--disable-background-networking", profile.c_str(), nullptr);
            _exit(127);
        }
        close(orders[0]);
        close(answers[1]);
        orders_ = orders[1];
        answers_ = answers[0];
        const auto target = call("Target.createTarget", {{"url", "about:blank"}}).at("targetId");
        session_ = call("Target.attachToTarget", {{"targetId", target}, {"flatten", true}}).at("sessionId");
        for (const char* domain : {"Page.enable", "Runtime.enable", "Log.enable", "Network.enable"})
            call(domain);
    }
    ~Browser() {
        close(orders_);
        close(answers_);
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    Json call(const std::string& method, const Json& parameters = Json::object()) {
        Json order{{"id", ++last_}, {"method", method}, {"params", parameters}};
        if (!session_.empty()) order["sessionId"] = session_;
        const std::string text = order.dump();
        for (std::size_t sent = 0; sent <= text.size();) {
            const auto count = write(orders_, text.c_str() + sent, text.size() + 1 - sent);
            if (count <= 0) throw std::runtime_error("the browser is gone");
            sent += static_cast<std::size_t>(count);
        }
        for (;;) {
            const Json answer = next();
            if (answer.value("id", 0) != last_) continue;
            if (answer.contains("error")) throw std::runtime_error(method + ": " + answer["error"].dump());
            return answer.at("result");
        }
    }

    void open_page(const std::filesystem::path& file) {
        loaded_ = false;
        call("Page.navigate", {{"url", "file://" + std::filesystem::absolute(file).string()}});
        while (!loaded_)
            next();
        settle();
    }

    /// What an expression of the page is; a promise is awaited.
    Json value_of(const std::string& expression) {
        const auto answer =
            call("Runtime.evaluate",
                 {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
        if (answer.contains("exceptionDetails"))
            throw std::runtime_error(expression + ": " + answer["exceptionDetails"].dump());
        return answer.at("result").value("value", Json());
    }

    /// Until what was asked of the page is drawn.
    void settle() {
        value_of("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    void drag(double from_x, double to_x, double y) {
        const auto mouse = [&](const char* what, double x, int pressed) {
            call("Input.dispatchMouseEvent", {{"type", what},
                                              {"x", x},
                                              {"y", y},
                                              {"button", "left"},
                                              {"buttons", pressed},
                                              {"clickCount", 1}});
        };
        mouse("mousePressed", from_x, 1);
        for (int i = 1; i <= 5; ++i)
            mouse("mouseMoved", from_x + (to_x - from_x) * i / 5, 1);
        mouse("mouseReleased", to_x, 0);
        settle();
    }

    void screenshot(const std::filesystem::path& file) {
        const std::string encoded =
            call("Page.captureScreenshot", {{"captureBeyondViewport", true}}).at("data");
        std::string picture;
        unsigned bits = 0, count = 0;
        for (const char digit : encoded) {
            static const std::string digits =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            const auto value = digits.find(digit);
            if (value == std::string::npos) break;
            bits = bits << 6 | static_cast<unsigned>(value);
            if (++count % 4 != 1) picture += static_cast<char>(bits >> (8 - count % 4 * 2) % 8);
        }
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << picture;
    }

    std::vector<std::string> complaints;  ///< errors and warnings on the console, exceptions
    std::vector<std::string> requests;    ///< addresses that the page asked for

private:
    Json next() {
        std::size_t end;
        while ((end = heard_.find('\0')) == std::string::npos) {
            char bytes[65536];
            const auto count = read(answers_, bytes, sizeof bytes);
            if (count <= 0) throw std::runtime_error("the browser is gone");
            heard_.append(bytes, static_cast<std::size_t>(count));
        }
        const Json message = Json::parse(heard_.substr(0, end));
        heard_.erase(0, end + 1);
        const std::string method = message.value("method", "");
        if (method == "Page.loadEventFired") loaded_ = true;
        if (method == "Runtime.exceptionThrown") complaints.push_back(message.dump());
        if (method == "Log.entryAdded") complaints.push_back(message.dump());
        if (method == "Runtime.consoleAPICalled") complaints.push_back(message.dump());
        if (method == "Network.requestWillBeSent")
            requests.push_back(message.at("params").at("request").at("url"));
        return message;
    }

    pid_t process_ = -1;
    int orders_ = -1, answers_ = -1, last_ = 0;
    bool loaded_ = false;
    std::string session_, heard_;
};

}  // namespace rig::reports
