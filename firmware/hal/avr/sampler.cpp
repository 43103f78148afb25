// SPDX-License-Identifier: BSD-2-Clause
// Conversions run one after the other in their own interrupt, at 115.2 kHz, against the
// external reference; in between the converter is off.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t external_reference = 0;  // REFS = 0: any other setting shorts it
constexpr uint8_t convert = _BV(ADEN) | _BV(ADSC) | _BV(ADIE) | _BV(ADPS2);
constexpr uint8_t cell_channel = 0, temperature_channel = 1, first_sensor_channel = 2;
constexpr uint8_t sensors = 2, all_channels = first_sensor_channel + sensors * bms::SensorSamples::outputs;

uint16_t sums[all_channels];
uint8_t channel, left, last_channel;
volatile bool done;

void begin(uint8_t channels) {
    for (uint16_t& sum : sums)
        sum = 0;
    channel = cell_channel;
    last_channel = static_cast<uint8_t>(channels - 1);
    left = bms::CellSamples::of_voltage;
    ADMUX = external_reference | cell_channel;
    ADCSRA = convert;
}

}  // namespace

ISR(ADC_vect) {
    sums[channel] = static_cast<uint16_t>(sums[channel] + ADC);
    if (--left == 0) {
        if (channel == last_channel) {
            ADCSRA = 0;
            done = true;
            events::raise(events::sampled_bit);
            return;
        }
        ++channel;
        left =
            channel == temperature_channel ? bms::CellSamples::of_temperature : bms::SensorSamples::of_each;
        ADMUX = static_cast<uint8_t>(external_reference | channel);
    }
    ADCSRA = convert;
}

namespace board {

void begin_sampling() {
    begin(temperature_channel + 1);
}
void begin_sampling_with_sensors() {
    begin(all_channels);
}

bool sampled(bms::CellSamples& samples) {
    if (!done) return false;
    done = false;
    samples.voltage = sums[cell_channel];
    samples.temperature = sums[temperature_channel];
    return true;
}

bms::SensorSamples sensor_samples(uint8_t sensor) {
    const uint8_t first = static_cast<uint8_t>(first_sensor_channel + bms::SensorSamples::outputs * sensor);
    return bms::SensorSamples{sums + first};
}

}  // namespace board
