const MOST_CHARACTERS = 16;

/**
 * A number as DS writes it: at most 16 characters, as exact as these allow.
 * @throws TypeError for what is no finite number
 * @dicom PS3.5 6.2
 */
export function decimalString(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('not a finite number');
  const plain = String(value);
  if (plain.length <= MOST_CHARACTERS) return plain;
  for (let digits = MOST_CHARACTERS; digits > 0; digits -= 1) {
    // `Number` takes the zeros at the end away and chooses the shorter notation.
    for (const text of [String(Number(value.toPrecision(digits))), value.toExponential(digits - 1)])
      if (text.length <= MOST_CHARACTERS) return text;
  }
  throw new TypeError('not a number that fits');
}
