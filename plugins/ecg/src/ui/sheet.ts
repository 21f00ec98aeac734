import { nothing, type SVGTemplateResult, svg } from 'lit';
import { MARGIN_MM, type Sheet, tracePath } from './layout.ts';
import { ecgText } from './texts.ts';
import type { Channel, Group } from './waveform.ts';

/** A rectangle on the sheet, in mm. */
export interface Caliper {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface SheetView {
  readonly group: Group;
  readonly sheet: Sheet;
  /** mm/s */
  readonly speed: number;
  /** mm/mV */
  readonly gain: number;
  readonly caliper: Caliper | undefined;
  readonly locale: string;
}

/** mm for each of a channel's unit: the gain for voltages; other signals fill their row. */
export function channelGain({ unit, values }: Channel, gain: number, rowHeight: number): number {
  if (unit === 'mV') return gain;
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most > 0 ? (rowHeight * 0.45) / most : 1;
}

/** Paper, calibration pulses, traces and their names, in millimetres. */
export function drawSheet({ group, sheet, speed, gain, caliper, locale }: SheetView): SVGTemplateResult {
  const { width, height, rows, rowHeight, strips } = sheet;
  return svg`
    <path class="fine" d=${grid(width, height, 1)} />
    <path class="coarse" d=${grid(width, height, 5)} />
    ${Array.from({ length: rows }, (_, row) => drawPulse(strips.find((strip) => strip.row === row)?.channel, (row + 0.5) * rowHeight, speed, gain))}
    ${strips.map((strip) => {
      const { channel, x, y } = strip;
      const isNamedByUnit = channel.unit !== 'mV';
      return svg`<g>
        <path class="trace" d=${tracePath(strip, group.samplesPerSecond, speed, channelGain(channel, gain, rowHeight))} />
        <text x=${x + 1} y=${y - rowHeight * 0.5 + 5.2}>${channel.name}${channel.derived ? ' *' : ''}${isNamedByUnit ? ` (${channel.unit})` : ''}${
          channel.derived ? svg`<title>${ecgText(locale, 'derived')}</title>` : nothing
        }</text>
        ${x > MARGIN_MM ? svg`<path class="pulse" d="M${x} ${y - 2}V${y + 2}" />` : nothing}
      </g>`;
    })}
    <text class="scale" x="2" y=${height - 1.4}>${speed} mm/s  ${gain} mm/mV</text>
    ${caliper ? drawCaliper(caliper, width, speed, gain) : nothing}`;
}

function grid(width: number, height: number, step: number): string {
  let path = '';
  for (let x = 0; x <= width; x += step) path += `M${x} 0V${height}`;
  for (let y = 0; y <= height; y += step) path += `M0 ${y}H${width}`;
  return path;
}

/** 1 mV for 0.2 s: what the gain is seen by. */
function drawPulse(
  channel: Channel | undefined,
  y: number,
  speed: number,
  gain: number,
): SVGTemplateResult | typeof nothing {
  if (channel?.unit !== 'mV') return nothing;
  const wide = 0.2 * speed;
  return svg`<path class="pulse" d="M2 ${y}h2v${-gain}h${wide}v${gain}h2" />`;
}

/** What the caliper spans: time, the rate it would be, and voltage. */
export function caliperText({ x0, y0, x1, y1 }: Caliper, speed: number, gain: number): string {
  const seconds = Math.abs(x1 - x0) / speed;
  const millivolts = (y0 - y1) / gain;
  const rate = seconds >= 0.15 ? ` (${Math.round(60 / seconds)} bpm)` : '';
  return `${Math.round(seconds * 1000)} ms${rate}  ${millivolts >= 0 ? '+' : '−'}${Math.abs(millivolts).toFixed(2)} mV`;
}

function drawCaliper(caliper: Caliper, width: number, speed: number, gain: number): SVGTemplateResult {
  const x = Math.min(caliper.x0, caliper.x1);
  const y = Math.min(caliper.y0, caliper.y1);
  const isRight = x > width * 0.7;
  return svg`<g class="caliper">
    <rect x=${x} y=${y} width=${Math.abs(caliper.x1 - caliper.x0)} height=${Math.abs(caliper.y1 - caliper.y0)} />
    <text x=${isRight ? x + Math.abs(caliper.x1 - caliper.x0) : x} y=${Math.max(4, y - 1.2)} text-anchor=${isRight ? 'end' : 'start'}>${caliperText(caliper, speed, gain)}</text>
  </g>`;
}
