// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <utility>

#include "reports/push.hpp"

namespace rig::reports {

/// A connection to the shared database, whose tables are those that this rig knows.
class Server {
public:
    /// Throws PushError.
    explicit Server(const std::string& url);

    const std::string& name() const { return name_; }

    /// One transaction: all that `action` does, or nothing. What goes wrong is a PushError.
    template <class Action>
    auto transact(Action&& action) {
        return guarded([&] {
            pqxx::work work{*connection_};
            auto result = std::forward<Action>(action)(work);
            work.commit();
            return result;
        });
    }

private:
    template <class Action>
    auto guarded(Action&& action) {
        try {
            return std::forward<Action>(action)();
        } catch (const pqxx::failure& failure) {
            refuse(failure);
        }
    }

    [[noreturn]] void refuse(const pqxx::failure& failure) const;
    void connect(const std::string& settings);
    void prepare_tables();

    std::string name_;
    std::unique_ptr<pqxx::connection> connection_;
};

}  // namespace rig::reports
