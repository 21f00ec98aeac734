import type { Channel, Group } from './waveform.ts';

export type LayoutName = '3x4' | '6x2' | '12x1';

/** A piece of a lead in its place on the sheet; all lengths in millimetres, time in seconds. */
export interface Strip {
  readonly channel: Channel;
  readonly row: number;
  /** From the beginning of the recording. */
  readonly fromSeconds: number;
  readonly seconds: number;
  /** Left edge on the sheet. */
  readonly x: number;
  /** Of the isoelectric line. */
  readonly y: number;
}

export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly rowHeight: number;
  readonly strips: readonly Strip[];
}

/** Room left of the traces, for the calibration pulse. */
export const MARGIN_MM = 15;
const ROW_MM: Readonly<Record<LayoutName, number>> = { '3x4': 30, '6x2': 24, '12x1': 20 };

const STANDARD: Readonly<Record<'3x4' | '6x2', readonly (readonly string[])[]>> = {
  '3x4': [
    ['I', 'aVR', 'V1', 'V4'],
    ['II', 'aVL', 'V2', 'V5'],
    ['III', 'aVF', 'V3', 'V6'],
  ],
  '6x2': [
    ['I', 'V1'],
    ['II', 'V2'],
    ['III', 'V3'],
    ['aVR', 'V4'],
    ['aVL', 'V5'],
    ['aVF', 'V6'],
  ],
};
const IN_ORDER = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];

/** Whether all twelve leads are there: the layouts by columns make sense with them alone. */
export const hasTwelveLeads = ({ channels }: Group): boolean =>
  IN_ORDER.every((name) => channels.some((channel) => channel.name === name));

/**
 * Places leads on a sheet.
 * @param from where the sheet begins, in seconds
 * @param seconds how much of the recording it shows
 * @param speed in mm/s
 */
export function layOut(group: Group, layout: LayoutName, from: number, seconds: number, speed: number): Sheet {
  const rowHeight = ROW_MM[layout];
  const rows = layout !== '12x1' && hasTwelveLeads(group) ? columns(group, layout) : singles(group);
  const strips = rows.flatMap((row, index) => {
    const share = seconds / row.length;
    return row.map(
      (channel, column): Strip => ({
        channel,
        row: index,
        fromSeconds: from + column * share,
        seconds: share,
        x: MARGIN_MM + column * share * speed,
        y: (index + 0.5) * rowHeight,
      }),
    );
  });
  return {
    width: Math.ceil((MARGIN_MM + seconds * speed) / 5) * 5 + 5,
    height: Math.ceil((rows.length * rowHeight) / 5) * 5,
    rows: rows.length,
    rowHeight,
    strips,
  };
}

function columns({ channels }: Group, layout: '3x4' | '6x2'): Channel[][] {
  const find = (name: string) => channels.filter((channel) => channel.name === name).slice(0, 1);
  const rows = STANDARD[layout].map((names) => names.flatMap(find));
  // The rhythm: one lead over the whole time.
  return layout === '3x4' ? [...rows, find('II')] : rows;
}

function singles({ channels }: Group): Channel[][] {
  const place = ({ name }: Channel) => (IN_ORDER.indexOf(name) + IN_ORDER.length + 1) % (IN_ORDER.length + 1);
  const known = channels.filter(({ name }) => IN_ORDER.includes(name)).sort((a, b) => place(a) - place(b));
  return [...known, ...channels.filter(({ name }) => !IN_ORDER.includes(name))].map((channel) => [channel]);
}

/** Above this many samples in a millimetre, their smallest and largest are drawn: no peak is lost, and nothing finer can be seen. */
const COLUMN_MM = 0.1;

/**
 * The trace of a strip as SVG path data in millimetres.
 * @param gain mm for each of the channel's unit
 */
export function tracePath(
  { channel, fromSeconds, seconds, x, y }: Strip,
  samplesPerSecond: number,
  speed: number,
  gain: number,
): string {
  const { values, skewSeconds } = channel;
  const first = Math.max(0, Math.ceil((fromSeconds - skewSeconds) * samplesPerSecond));
  const last = Math.min(values.length, Math.ceil((fromSeconds + seconds - skewSeconds) * samplesPerSecond));
  const step = Math.max(1, Math.floor((COLUMN_MM / speed) * samplesPerSecond));
  const points: string[] = [];
  let pen = 'M';
  const put = (sample: number) => {
    const value = values[sample] ?? Number.NaN;
    if (Number.isNaN(value)) {
      pen = 'M';
      return;
    }
    const time = sample / samplesPerSecond + skewSeconds - fromSeconds;
    points.push(`${pen}${(x + time * speed).toFixed(2)} ${(y - value * gain).toFixed(2)}`);
    pen = 'L';
  };
  for (let from = first; from < last; from += step) {
    const to = Math.min(last, from + step);
    let [low, high] = [from, from];
    let gap = false;
    for (let sample = from; sample < to; sample += 1) {
      const value = values[sample] ?? Number.NaN;
      if (Number.isNaN(value)) gap = true;
      if (!(value >= (values[low] ?? Number.NaN))) low = sample;
      if (!(value <= (values[high] ?? Number.NaN))) high = sample;
    }
    if (gap) for (let sample = from; sample < to; sample += 1) put(sample);
    else for (const sample of low === high ? [low] : low < high ? [low, high] : [high, low]) put(sample);
  }
  return points.join('');
}
