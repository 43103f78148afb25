// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/benchmarks/stock_chain.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "fixtures/virtual/elf_image.hpp"
#include "fixtures/virtual/simavr.hpp"

namespace rig {
namespace {

constexpr std::uint32_t crystal_hz = 1843200;
/// As long as the firmware bears: bytes bunch up in a step, and 5 ms without one end a frame.
constexpr std::uint64_t lockstep_cycles = crystal_hz / 1000 * 3;

/// Without a timer at the end of the step a sleeping board would leap far ahead of its neighbours.
avr_cycle_count_t end_of_step(avr_t*, avr_cycle_count_t, void*) {
    return 0;
}

void do_not_sleep(avr_t*, avr_cycle_count_t) {
}
void say_nothing(avr_t*, int, const char*, va_list) {
}

void pass_on(avr_irq_t*, std::uint32_t byte, void* input) {
    avr_raise_irq(static_cast<avr_irq_t*>(input), byte);
}

void count(avr_irq_t*, std::uint32_t, void* counter) {
    ++*static_cast<std::uint64_t*>(counter);
}

avr_irq_t* uart(avr_t* avr, int which) {
    return avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), which);
}

}  // namespace

struct StockChain::Parts {
    std::vector<avr_t*> boards;
    std::uint64_t until = 0, awake = 0, ext = 0;
};

StockChain::StockChain(const std::filesystem::path& firmware, int cells) : parts_(std::make_unique<Parts>()) {
    avr_global_logger_set(say_nothing);
    for (int n = 1; n <= cells; ++n) {
        const char* name = n == 1 ? "first.elf" : n == cells ? "last.elf" : "middle.elf";
        const auto image = ElfImage::read(firmware / name);
        avr_t* avr = avr_make_mcu_by_name(n == cells ? "atmega1284p" : "atmega328p");
        if (!avr) throw std::runtime_error("the simulator lacks a chip");
        avr_init(avr);
        avr->frequency = crystal_hz;
        avr->aref = 2048;
        avr->vcc = avr->avcc = 3300;
        avr->sleep = do_not_sleep;
        std::copy(image.flash.begin(), image.flash.end(), avr->flash);
        // A pin that is low as INT0 would otherwise be polled every cycle, a thousand times slower.
        for (unsigned char pin = 0; pin < EXTINT_COUNT; ++pin)
            avr_extint_set_strict_lvl_trig(avr, pin, 0);
        std::uint32_t flags = 0;
        for (const char usart : {'0', '1'})
            avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS(usart), &flags);
        const std::uint32_t millivolts[] = {1320, 750, 1024, 1024, 30, 30};
        for (int channel = 0; channel < 6; ++channel)
            avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, channel), millivolts[channel]);
        if (n > 1)
            avr_irq_register_notify(uart(parts_->boards.back(), UART_IRQ_OUTPUT), pass_on,
                                    uart(avr, UART_IRQ_INPUT));
        parts_->boards.push_back(avr);
    }
    avr_irq_register_notify(uart(parts_->boards.back(), UART_IRQ_OUTPUT), count, &parts_->ext);
}

StockChain::~StockChain() {
    for (avr_t* avr : parts_->boards) {
        avr_terminate(avr);
        simavr::clean_up_after(avr);
    }
}

void StockChain::run_s(int seconds) {
    const std::uint64_t end = parts_->until + static_cast<std::uint64_t>(seconds) * crystal_hz;
    while (parts_->until < end) {
        parts_->until += lockstep_cycles;
        for (avr_t* avr : parts_->boards) {
            if (avr->cycle >= parts_->until) continue;
            avr_cycle_timer_register(avr, parts_->until - avr->cycle, end_of_step, nullptr);
            while (avr->cycle < parts_->until) {
                const std::uint64_t before = avr->cycle;
                const bool slept = avr->state == cpu_Sleeping;
                avr_run(avr);
                if (!slept && avr->state != cpu_Sleeping) parts_->awake += avr->cycle - before;
                if (avr->state == cpu_Done || avr->state == cpu_Crashed)
                    throw std::runtime_error("a board died under the stock loop");
            }
        }
    }
}

std::uint64_t StockChain::awake_cycles() const {
    return parts_->awake;
}

std::uint64_t StockChain::ext_bytes() const {
    return parts_->ext;
}

}  // namespace rig
