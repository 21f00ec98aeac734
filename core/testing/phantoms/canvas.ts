/** A plane of values that shapes are painted on in millimetres. x grows with columns, y with rows; both are 0 in the middle. */
export class Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Millimetres per column and per row. */
  readonly columnMm: number;
  readonly rowMm: number;
  readonly values: Float32Array;
  readonly #scratch: Float32Array;

  constructor(columns: number, rows: number, columnMm: number, rowMm: number) {
    this.columns = columns;
    this.rows = rows;
    this.columnMm = columnMm;
    this.rowMm = rowMm;
    this.values = new Float32Array(columns * rows);
    this.#scratch = new Float32Array(columns * rows);
  }

  columnOf(xMm: number): number {
    return xMm / this.columnMm + (this.columns - 1) / 2;
  }

  rowOf(yMm: number): number {
    return yMm / this.rowMm + (this.rows - 1) / 2;
  }

  fill(value: number): void {
    this.values.fill(value);
  }

  /** A superellipse with axes along x and y; `power` 2 is an ellipse, more is squarer. */
  ellipse(xMm: number, yMm: number, radiusXMm: number, radiusYMm: number, value: number, power = 2): void {
    if (radiusXMm <= 0 || radiusYMm <= 0) return;
    const first = Math.max(0, Math.ceil(this.rowOf(yMm - radiusYMm)));
    const last = Math.min(this.rows - 1, Math.floor(this.rowOf(yMm + radiusYMm)));
    for (let row = first; row <= last; row++) {
      const dy = Math.abs(((row - (this.rows - 1) / 2) * this.rowMm - yMm) / radiusYMm);
      const half = radiusXMm * (power === 2 ? Math.sqrt(1 - dy * dy) : (1 - dy ** power) ** (1 / power));
      this.#span(row, xMm - half, xMm + half, value);
    }
  }

  /** An ellipse turned by `angle` (radians, from x towards y). */
  turnedEllipse(
    xMm: number,
    yMm: number,
    radiusXMm: number,
    radiusYMm: number,
    angle: number,
    value: number,
    onlyBelow = Number.POSITIVE_INFINITY,
  ): void {
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const a = (cos / radiusXMm) ** 2 + (sin / radiusYMm) ** 2;
    const b = 2 * cos * sin * (1 / radiusXMm ** 2 - 1 / radiusYMm ** 2);
    const c = (sin / radiusXMm) ** 2 + (cos / radiusYMm) ** 2;
    const reach = Math.sqrt((radiusXMm * sin) ** 2 + (radiusYMm * cos) ** 2);
    const first = Math.max(0, Math.ceil(this.rowOf(yMm - reach)));
    const last = Math.min(this.rows - 1, Math.floor(this.rowOf(yMm + reach)));
    for (let row = first; row <= last; row++) {
      const dy = (row - (this.rows - 1) / 2) * this.rowMm - yMm;
      const discriminant = (b * dy) ** 2 - 4 * a * (c * dy * dy - 1);
      if (discriminant <= 0) continue;
      const middle = xMm - (b * dy) / (2 * a);
      const half = Math.sqrt(discriminant) / (2 * a);
      this.#span(row, middle - half, middle + half, value, onlyBelow);
    }
  }

  /** A disc; painted only over values under `onlyBelow`, so that vessels stay in the lung. */
  disc(xMm: number, yMm: number, radiusMm: number, value: number, onlyBelow = Number.POSITIVE_INFINITY): void {
    this.turnedEllipse(xMm, yMm, radiusMm, radiusMm, 0, value, onlyBelow);
  }

  /** A line with round ends. */
  capsule(
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    radiusMm: number,
    value: number,
    onlyBelow = Number.POSITIVE_INFINITY,
  ): void {
    const length = Math.hypot(x2 - x1, y2 - y1);
    const steps = Math.max(1, Math.ceil(length / Math.max(radiusMm * 0.7, this.columnMm * 0.7)));
    for (let step = 0; step <= steps; step++) {
      const t = step / steps;
      this.disc(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t, radiusMm, value, onlyBelow);
    }
  }

  /** A disc whose edge pixels are mixed by how much of them it covers: its centroid is exact. */
  exactDisc(xMm: number, yMm: number, radiusMm: number, value: number): void {
    const parts = 8;
    const x0 = Math.max(0, Math.floor(this.columnOf(xMm - radiusMm)));
    const x1 = Math.min(this.columns - 1, Math.ceil(this.columnOf(xMm + radiusMm)));
    const y0 = Math.max(0, Math.floor(this.rowOf(yMm - radiusMm)));
    const y1 = Math.min(this.rows - 1, Math.ceil(this.rowOf(yMm + radiusMm)));
    const centreX = this.columnOf(xMm);
    const centreY = this.rowOf(yMm);
    for (let row = y0; row <= y1; row++) {
      for (let column = x0; column <= x1; column++) {
        let inside = 0;
        for (let part = 0; part < parts * parts; part++) {
          const dx = (column - centreX + ((part % parts) + 0.5) / parts - 0.5) * this.columnMm;
          const dy = (row - centreY + (Math.floor(part / parts) + 0.5) / parts - 0.5) * this.rowMm;
          if (dx * dx + dy * dy <= radiusMm * radiusMm) inside++;
        }
        const share = inside / (parts * parts);
        const at = row * this.columns + column;
        if (share > 0) this.values[at] = this.values[at]! * (1 - share) + value * share;
      }
    }
  }

  /** Smooths by a 1-2-1 kernel both ways, as the point spread of a scanner does. */
  smooth(passes: number): void {
    const { columns, rows, values } = this;
    const scratch = this.#scratch;
    for (let pass = 0; pass < passes; pass++) {
      for (let row = 0; row < rows; row++) {
        const start = row * columns;
        const end = start + columns - 1;
        scratch[start] = values[start]!;
        scratch[end] = values[end]!;
        for (let at = start + 1; at < end; at++) {
          scratch[at] = (values[at - 1]! + values[at]! * 2 + values[at + 1]!) * 0.25;
        }
      }
      for (let row = 1; row < rows - 1; row++) {
        const start = row * columns;
        for (let at = start; at < start + columns; at++) {
          values[at] = (scratch[at - columns]! + scratch[at]! * 2 + scratch[at + columns]!) * 0.25;
        }
      }
    }
  }

  #span(row: number, fromMm: number, toMm: number, value: number, onlyBelow = Number.POSITIVE_INFINITY): void {
    const first = Math.max(0, Math.ceil(this.columnOf(fromMm)));
    const last = Math.min(this.columns - 1, Math.floor(this.columnOf(toMm)));
    const start = row * this.columns;
    if (onlyBelow === Number.POSITIVE_INFINITY) {
      if (last >= first) this.values.fill(value, start + first, start + last + 1);
      return;
    }
    for (let at = start + first; at <= start + last; at++) {
      if (this.values[at]! < onlyBelow) this.values[at] = value;
    }
  }
}
