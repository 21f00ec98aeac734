/** Colours for parts that name none; apart from each other on grey and for those who tell red from green badly. */
const PALETTE = ['#ffb000', '#4aa3ff', '#56d364', '#ff7b72', '#c297ff', '#39d0c8', '#f778ba', '#d2dd5a'];

export const paletteColour = (index: number): string => PALETTE[index % PALETTE.length] ?? '#ffb000';

/** A colour given as three numbers from 0 to 255. */
export function rgbColour(values: readonly number[]): string | undefined {
  const [red, green, blue] = values;
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return hex([red, green, blue]);
}

/** A colour given as CIELab in 16 bits, white point D50. @dicom PS3.3 C.10.7.1.1 */
export function labColour(values: readonly number[]): string | undefined {
  const [l, a, b] = values;
  if (l === undefined || a === undefined || b === undefined) return undefined;
  const lightness = (l / 65_535) * 100;
  const fy = (lightness + 16) / 116;
  const fx = fy + ((a / 65_535) * 255 - 128) / 500;
  const fz = fy - ((b / 65_535) * 255 - 128) / 200;
  const linear = (t: number) => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));
  const [x, y, z] = [0.9642 * linear(fx), linear(fy), 0.8249 * linear(fz)];
  const sample = (value: number) => {
    const bounded = Math.min(1, Math.max(0, value));
    return 255 * (bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055);
  };
  return hex([
    sample(3.1338561 * x - 1.6168667 * y - 0.4906146 * z),
    sample(-0.9787684 * x + 1.9161415 * y + 0.033454 * z),
    sample(0.0719453 * x - 0.2289914 * y + 1.4052427 * z),
  ]);
}

const hex = (values: readonly number[]): string =>
  `#${values
    .map((value) =>
      Math.round(Math.min(255, Math.max(0, value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** Red, green and blue of `#rrggbb`. */
export const channelsOf = (colour: string): [number, number, number] => [
  Number.parseInt(colour.slice(1, 3), 16),
  Number.parseInt(colour.slice(3, 5), 16),
  Number.parseInt(colour.slice(5, 7), 16),
];
