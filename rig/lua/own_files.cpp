// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/own_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "rig/lua/binding.hpp"
#include "rig/lua/sandbox.hpp"

namespace rig::lua {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_open = 32;
/// A file on the disk takes so much for each place that is written to.
constexpr std::size_t bytes_of_block = 4096;

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    int number() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

struct Mode {
    const char* word;
    int flags;
    bool writes;
};

std::optional<Mode> mode_of(std::string word) {
    word.erase(std::remove(word.begin(), word.end(), 'b'), word.end());
    for (const Mode& mode :
         {Mode{"r", O_RDONLY, false}, Mode{"w", O_WRONLY | O_CREAT | O_TRUNC, true},
          Mode{"a", O_WRONLY | O_CREAT | O_APPEND, true}, Mode{"r+", O_RDWR, true},
          Mode{"w+", O_RDWR | O_CREAT | O_TRUNC, true}, Mode{"a+", O_RDWR | O_CREAT | O_APPEND, true}})
        if (word == mode.word) return mode;
    return std::nullopt;
}

/// Empty when the name leads nowhere but down.
std::vector<std::string> steps_of(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.back() == '/' || name.find('\0') != std::string::npos)
        return {};
    std::vector<std::string> steps;
    for (const fs::path& step : fs::path(name)) {
        if (step.empty() || step == "." || step == "..") return {};
        steps.push_back(step.string());
    }
    return steps;
}

/// Step by step, each from the folder before: a link is followed at none. -1 and errno when it cannot be.
Descriptor open_below(const fs::path& folder, const std::vector<std::string>& steps, const Mode& mode) {
    if (mode.writes) {
        std::error_code failure;
        fs::create_directories(folder, failure);
    }
    Descriptor here(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    for (std::size_t i = 0; i + 1 < steps.size() && here.number() >= 0; ++i) {
        if (mode.writes) ::mkdirat(here.number(), steps[i].c_str(), 0777);
        here = Descriptor(
            ::openat(here.number(), steps[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    if (here.number() < 0) return here;
    // Without waiting: a pipe that somebody put there would.
    Descriptor file(::openat(here.number(), steps.back().c_str(),
                             mode.flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666));
    struct stat what {};
    if (file.number() >= 0 && (::fstat(file.number(), &what) != 0 || !S_ISREG(what.st_mode))) {
        errno = EACCES;
        return Descriptor(-1);
    }
    return file;
}

int close_file(lua_State* L) {
    auto* stream = static_cast<luaL_Stream*>(luaL_checkudata(L, 1, LUA_FILEHANDLE));
    confined(L).files_open -= 1;
    const bool closed = std::fclose(stream->f) == 0;
    return luaL_fileresult(L, closed ? 1 : 0, nullptr);
}

void spend_file_bytes(lua_State* L, std::size_t bytes) {
    ConfinedHost& here = confined(L);
    here.file_bytes += bytes;
    if (here.file_bytes > file_limit)
        luaL_error(L, "a test may write %d MiB to its files", static_cast<int>(file_limit >> 20));
}

int open(lua_State* L) {
    const std::string name = text_argument(L, 1);
    const auto mode = mode_of(luaL_optstring(L, 2, "r"));
    luaL_argcheck(L, mode.has_value(), 2, "invalid mode");
    running(L);
    ConfinedHost& here = confined(L);
    if (here.folder.empty()) luaL_error(L, "this run has no folder for files");
    const auto steps = steps_of(name);
    if (steps.empty())
        luaL_error(L, "io.open \"%s\": a test has files in its own folder alone, named from there",
                   name.c_str());
    if (here.files_open >= most_open)
        luaL_error(L, "io.open \"%s\": %d files are open already", name.c_str(), static_cast<int>(most_open));
    if (mode->writes) spend_file_bytes(L, bytes_of_block);

    auto* stream = static_cast<luaL_Stream*>(lua_newuserdatauv(L, sizeof(luaL_Stream), 0));
    stream->f = nullptr;
    stream->closef = nullptr;  // Lua's word for closed
    luaL_setmetatable(L, LUA_FILEHANDLE);
    Descriptor file = open_below(here.folder, steps, *mode);
    if (file.number() < 0) return luaL_fileresult(L, 0, name.c_str());
    stream->f = ::fdopen(file.number(), mode->word);
    if (stream->f == nullptr) return luaL_fileresult(L, 0, name.c_str());
    file.release();
    stream->closef = close_file;
    here.files_open += 1;
    // What a test has written is there when it is killed, and nobody closes its files at its end.
    if (mode->writes) std::setvbuf(stream->f, nullptr, _IONBF, 0);
    return 1;
}

/// Lua's own, once it is known to be allowed.
int write(lua_State* L) {
    std::size_t bytes = 0;
    for (int i = 2; i <= lua_gettop(L); ++i) {
        std::size_t length = 0;
        luaL_checklstring(L, i, &length);
        bytes += length;
    }
    spend_file_bytes(L, bytes);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

int seek(lua_State* L) {
    spend_file_bytes(L, bytes_of_block);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (lua_isinteger(L, 1) && lua_tointeger(L, 1) > static_cast<lua_Integer>(file_limit))
        luaL_error(L, "seek: beyond what a test may write to its files");
    return lua_gettop(L);
}

/// Of the methods on top of the stack.
void wrap(lua_State* L, const char* method, lua_CFunction around) {
    lua_getfield(L, -1, method);
    lua_pushcclosure(L, around, 1);
    lua_setfield(L, -2, method);
}

}  // namespace

void add_own_files(lua_State* L) {
    // For what its files can do; its functions are dropped.
    lua_pushcfunction(L, luaopen_io);
    lua_call(L, 0, 1);
    lua_createtable(L, 0, 3);
    lua_getfield(L, -2, "type");
    lua_setfield(L, -2, "type");
    lua_pushcfunction(L, bound<open>);
    lua_setfield(L, -2, "open");
    lua_setglobal(L, "io");
    lua_pop(L, 1);

    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_pushliteral(L, "file");
    lua_setfield(L, -2, "__metatable");
    lua_getfield(L, -1, "__index");
    wrap(L, "write", write);
    wrap(L, "seek", seek);
    lua_pushnil(L);
    lua_setfield(L, -2, "setvbuf");
    lua_pop(L, 2);
}

}  // namespace rig::lua
