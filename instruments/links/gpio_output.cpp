// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/gpio_output.hpp"

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <system_error>

namespace rig::gpio {
namespace {

constexpr std::uint64_t only_line = 1;

void control(int descriptor, unsigned long request, void* argument) {
    while (::ioctl(descriptor, request, argument) != 0)
        if (errno != EINTR) throw std::system_error(errno, std::generic_category());
}

std::uint64_t flags_of(const LineAddress& line) {
    std::uint64_t flags = GPIO_V2_LINE_FLAG_OUTPUT;
    if (line.active_low) flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    if (line.bias == LineAddress::Bias::none) flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED;
    if (line.bias == LineAddress::Bias::pull_up) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
    if (line.bias == LineAddress::Bias::pull_down) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
    if (line.drive == LineAddress::Drive::open_drain) flags |= GPIO_V2_LINE_FLAG_OPEN_DRAIN;
    if (line.drive == LineAddress::Drive::open_source) flags |= GPIO_V2_LINE_FLAG_OPEN_SOURCE;
    return flags;
}

}  // namespace

FileDescriptor take_output(const std::string& device, unsigned offset, const std::string& consumer,
                           const LineAddress& line) {
    const FileDescriptor chip(::open(device.c_str(), O_RDWR | O_CLOEXEC));
    if (!chip.open()) throw std::system_error(errno, std::generic_category());
    gpio_v2_line_request wanted{};
    wanted.offsets[0] = offset;
    wanted.num_lines = 1;
    consumer.copy(wanted.consumer, sizeof wanted.consumer - 1);
    wanted.config.flags = flags_of(line);
    control(chip.number(), GPIO_V2_GET_LINE_IOCTL, &wanted);
    return FileDescriptor(wanted.fd);
}

void drive_output(int descriptor, bool active) {
    gpio_v2_line_values values{active ? only_line : 0, only_line};
    control(descriptor, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

bool output_is_active(int descriptor) {
    gpio_v2_line_values values{0, only_line};
    control(descriptor, GPIO_V2_LINE_GET_VALUES_IOCTL, &values);
    return values.bits != 0;
}

}  // namespace rig::gpio
