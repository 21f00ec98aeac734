import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { calibrationText, formatWithUnit, measurementLines } from './format.ts';
import type { Calibration, CalibrationKind, MeasuredValue } from './values.ts';

const value = (of: number, unit: string, name: MeasuredValue['name'] = 'value'): MeasuredValue => ({
  name,
  value: of,
  unit,
});
const calibration = (kind: CalibrationKind, more: Partial<Calibration> = {}): Calibration => ({
  kind,
  x: { unit: 'mm', perPixel: 1 },
  y: { unit: 'mm', perPixel: 1 },
  ...more,
});

describe('values on the image', () => {
  it('are rounded to what they mean', () => {
    const shown = [
      value(123.456, 'mm', 'length'),
      value(9.876, 'mm', 'length'),
      value(44.96, 'deg', 'angle'),
      value(-1000, "[hnsf'U]"),
      value(-0.04, "[hnsf'U]", 'mean'),
      value(2.3456, 'g/ml{SUVbw}'),
      value(0.12345, 's', 'alongX'),
      value(153.21, '{pixels}', 'length'),
      value(0.5, '1'),
    ].map((one) => formatWithUnit('zh-CN', one));
    expect(shown).to.eql([
      '123.5 mm',
      '9.88 mm',
      '45.0°',
      '−1000 HU',
      '−0.040 HU',
      '2.35 SUVbw',
      '0.123 s',
      '153.2 像素',
      '0.500',
    ]);
  });

  it('say of which kind their millimetres are, in both languages', () => {
    const said = (locale: string, of: Calibration): string => calibrationText(locale, of);
    expect(said('zh-CN', calibration('patient'))).to.equal('');
    expect(said('zh-CN', calibration('detector'))).to.equal('探测器平面');
    expect(said('zh-CN', calibration('none'))).to.equal('未校准');
    expect(said('zh-CN', calibration('manual'))).to.equal('手动校准');
    expect(said('zh-CN', calibration('region'))).to.equal('超声区域');
    expect(said('zh-CN', calibration('magnified', { magnification: 1.25 }))).to.equal('按放大率 1.25 校正');
    expect(said('en', calibration('none', { note: 'regionsDiffer' }))).to.equal('uncalibrated · across US regions');
  });

  it('names two axes that are unlike, and an outline without an area', () => {
    const axes = { values: [value(0.5, 's', 'alongX'), value(30, 'mm', 'alongY')], calibration: calibration('region') };
    expect(measurementLines('en', { kind: 'length' }, axes)).to.eql(['0.500 s  30.0 mm', 'US region']);
    const crossed = { values: [], calibration: calibration('patient') };
    expect(measurementLines('en', { kind: 'freehand' }, crossed)).to.eql(['the outline crosses itself']);
  });
});
