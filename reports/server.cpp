// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/server.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>

#include "reports/server_schema.hpp"

namespace rig::reports {
namespace {

/// libpq's messages are several lines, and repeat where and what.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

bool says(const std::string& message, const char* words) {
    return message.find(words) != std::string::npos;
}

[[noreturn]] void refuse_address(const char* why) {
    throw PushError(
        fmt::format("server: its address {}\n"
                    "  try     postgresql://USER:PASSWORD@HOST/DATABASE, with %40, %2F and %25 for @, / and "
                    "% in a password",
                    why));
}

/// What the URL says, with what a station needs besides: a dead network must not hold it for hours.
std::map<std::string, std::string> settings_in(const std::string& url) {
    char* complaint = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
        PQconninfoParse(url.c_str(), &complaint), PQconninfoFree};
    if (!options) {
        // The complaint quotes what may be a password.
        const std::unique_ptr<char, decltype(&PQfreemem)> owned{complaint, PQfreemem};
        refuse_address("cannot be read");
    }
    std::map<std::string, std::string> settings{
        {"connect_timeout", "10"},    {"tcp_user_timeout", "30000"}, {"keepalives_idle", "10"},
        {"keepalives_interval", "5"}, {"keepalives_count", "3"},     {"options", "-c lock_timeout=60s"}};
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr && *option->val != '\0') settings[option->keyword] = option->val;
    // With an @ or a / of a password's own, part of it would pass for a host or a database.
    for (const char* key : {"host", "hostaddr", "dbname"})
        if (const auto found = settings.find(key);
            found != settings.end() && found->second.find('@') != std::string::npos)
            refuse_address("has more than one @");
    settings["client_encoding"] = "UTF8";
    settings["application_name"] = "rig push";
    return settings;
}

std::string joined(const std::map<std::string, std::string>& settings) {
    std::string text;
    for (const auto& [key, value] : settings) {
        text += key + "='";
        for (const char c : value) {
            if (c == '\'' || c == '\\') text += '\\';
            text += c;
        }
        text += "' ";
    }
    return text;
}

std::string name_of(const std::map<std::string, std::string>& settings) {
    const auto value = [&](const char* key) {
        const auto found = settings.find(key);
        return found == settings.end() ? std::string() : found->second;
    };
    std::string name = value("dbname").empty() ? "the default database" : value("dbname");
    const std::string host = value("host").empty() ? value("hostaddr") : value("host");
    name += " on " + (host.empty() ? "this machine" : host);
    return value("port").empty() ? name : name + ":" + value("port");
}

/// -1: without our tables. Asks the catalogue's tables: its functions do not hear of what another
/// program has just created.
int version_on(pqxx::work& work) {
    if (work.exec("SELECT 1 FROM pg_tables WHERE schemaname = 'rig' AND tablename = 'version'").empty())
        return -1;
    return work.exec("SELECT max(version) FROM rig.version")[0][0].as<int>(0);
}

}  // namespace

Server::Server(const std::string& url) {
    const auto settings = settings_in(url);
    name_ = name_of(settings);
    connect(joined(settings));
    prepare_tables();
}

void Server::connect(const std::string& settings) {
    try {
        connection_ = std::make_unique<pqxx::connection>(settings);
    } catch (const pqxx::failure& failure) {
        const std::string why = first_line(failure.what());
        const char* remedy =
            "is the server running, and is its address right? psql with the same address tells";
        if (says(why, "password") || says(why, "role "))
            remedy = "another user, or the right password in PGPASSWORD or ~/.pgpass";
        else if (says(why, "database \""))
            remedy = "a database that is there; createdb makes one";
        throw PushError(fmt::format("server {}: cannot connect: {}\n  try     {}", name_, why, remedy));
    }
}

void Server::prepare_tables() {
    const int found = transact([&](pqxx::work& work) {
        if (const auto encoding = work.exec("SHOW server_encoding")[0][0].as<std::string>();
            encoding != "UTF8")
            throw PushError(
                fmt::format("server {}: the database's encoding is {}, which cannot hold every name\n"
                            "  try     createdb --encoding UTF8 --template template0 NAME",
                            name_, encoding));
        return version_on(work);
    });
    if (found > server_schema::version)
        throw PushError(
            fmt::format("server {}: its tables are a newer rig's (version {}, this rig knows {}); "
                        "nothing was sent\n  try     the newer rig",
                        name_, found, server_schema::version));
    if (found == server_schema::version) return;
    transact([&](pqxx::work& work) {
        // Stations may meet here for the first time, all at once.
        work.exec("SELECT pg_advisory_xact_lock(hashtext('rig push: tables'))");
        int version = version_on(work);
        if (version < 0) {
            if (!work.exec("SELECT 1 FROM pg_tables WHERE schemaname = 'rig'").empty())
                throw PushError(
                    fmt::format("server {}: its schema \"rig\" holds another program's tables; "
                                "nothing was sent\n  try     another database",
                                name_));
            // Somebody else may have made it, for a user who may not.
            if (work.exec("SELECT 1 FROM pg_namespace WHERE nspname = 'rig'").empty())
                work.exec("CREATE SCHEMA rig");
            version = 0;
        }
        for (; version < server_schema::version; ++version)
            work.exec(server_schema::steps[version]);
        work.exec("UPDATE rig.version SET version = " + std::to_string(version));
        return 0;
    });
}

void Server::refuse(const pqxx::failure& failure) const {
    const std::string why = first_line(failure.what());
    const auto* refusal = dynamic_cast<const pqxx::sql_error*>(&failure);
    // 57P: the server ends the connection, because it is told to or stops.
    const bool told_to_leave = refusal != nullptr && refusal->sqlstate().starts_with("57P");
    std::string what = "it refuses: " + why;
    std::string remedy = "psql with the same address, to look at its schema \"rig\"";
    if (told_to_leave || !connection_->is_open()) {
        what = "the connection was lost (" + why + "); what was sent until then is kept";
        remedy = "the same again: it goes on where it ended, and sends nothing twice";
    } else if (dynamic_cast<const pqxx::insufficient_privilege*>(&failure) != nullptr) {
        what = "the user may not do this: " + why;
        remedy = "a user who may create a schema for the first push, and read, insert and update ever after";
    } else if (dynamic_cast<const pqxx::insufficient_resources*>(&failure) != nullptr) {
        what = "it has no room: " + why;
        remedy = "the same again once it has some: it goes on where it ended";
    }
    throw PushError(fmt::format("server {}: {}\n  try     {}", name_, what, remedy));
}

}  // namespace rig::reports
