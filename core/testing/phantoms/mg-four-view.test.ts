import { describe, expect, it } from 'vitest';
import { firstString, readInstanceHeader, sourceOfBytes, strings } from '../../src/dicom/index.ts';
import { MG_VIEWS, mgFourView, type PhantomInstance } from './index.ts';

const ROWS = 208;
const COLUMNS = 160;

async function view(instance: PhantomInstance) {
  const { dataset, bulkData } = await readInstanceHeader(sourceOfBytes(instance.bytes));
  const { offsetBytes, lengthBytes } = bulkData.at(-1)!;
  const pixels = new Uint16Array(instance.bytes.slice(offsetBytes, offsetBytes + lengthBytes).buffer);
  const mean = (from: number, to: number) => {
    let sum = 0;
    for (let row = ROWS * 0.4; row < ROWS * 0.6; row++)
      for (let column = from; column < to; column++) sum += pixels[Math.floor(row) * COLUMNS + column]!;
    return sum;
  };
  return {
    name: `${firstString(dataset, 'ImageLaterality')}${firstString(dataset, 'ViewPosition')}`,
    orientation: strings(dataset, 'PatientOrientation'),
    /** Which edge the breast stands on. */
    wall: mean(0, 20) > mean(COLUMNS - 20, COLUMNS) ? 'left' : 'right',
  };
}

describe('mgFourView', () => {
  it('has each breast on the side that its header says', async () => {
    const seen = [];
    for await (const instance of mgFourView({ rows: ROWS, mirrored: ['LMLO'] })) seen.push(await view(instance));
    expect(seen.map(({ name }) => name)).toEqual([...MG_VIEWS]);
    // The chest wall is where posterior is.
    for (const { orientation, wall } of seen) expect(wall).toBe(orientation[0] === 'P' ? 'right' : 'left');
    expect(seen.map(({ orientation }) => orientation.join('\\'))).toEqual(['P\\L', 'A\\R', 'P\\FL', 'P\\FR']);
  });

  it('is one series or four', async () => {
    const count = async (oneSeries: boolean) => {
      const series = new Set<string>();
      for await (const { SeriesInstanceUID } of mgFourView({ rows: 104, oneSeries })) series.add(SeriesInstanceUID);
      return series.size;
    };
    expect([await count(false), await count(true)]).toEqual([4, 1]);
  });
});
