import { describe, expect, it } from 'vitest';
import {
  firstNumber,
  firstString,
  type InstanceHeader,
  indexFrames,
  isValidUid,
  items,
  numbers,
  personName,
  readInstanceHeader,
  sourceOfBytes,
} from '../../src/dicom/index.ts';
import {
  CT_BEAD_DISTANCE_MM,
  CT_INSERTS,
  ctGeometry,
  ctSlices,
  demoStudies,
  dxChest,
  mrBrain,
  type PhantomInstance,
  usCine,
  XA_MASK_FRAMES,
  xaRun,
} from './index.ts';

async function collect(instances: AsyncIterable<PhantomInstance>): Promise<PhantomInstance[]> {
  const all: PhantomInstance[] = [];
  for await (const instance of instances) all.push(instance);
  return all;
}

const read = (instance: PhantomInstance): Promise<InstanceHeader> => readInstanceHeader(sourceOfBytes(instance.bytes));

async function pixelsOf(instance: PhantomInstance): Promise<Uint16Array> {
  const header = await read(instance);
  const { offsetBytes, lengthBytes } = header.bulkData.at(-1)!;
  return new Uint16Array(new Uint8Array(instance.bytes.subarray(offsetBytes, offsetBytes + lengthBytes)).buffer);
}

describe('ctSlices', () => {
  const size = 512;
  const spacing = 400 / size;

  it('has rods of the HU that are told', async () => {
    const [slice] = await collect(ctSlices({ count: 1, rows: size }));
    const pixels = await pixelsOf(slice!);
    for (const insert of CT_INSERTS) {
      let sum = 0;
      let count = 0;
      const column = insert.x / spacing + (size - 1) / 2;
      const row = insert.y / spacing + (size - 1) / 2;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          if (Math.hypot(x - column, y - row) * spacing > insert.measureRadiusMm) continue;
          sum += pixels[y * size + x]! - 1024;
          count++;
        }
      }
      expect(Math.abs(sum / count - insert.hu)).toBeLessThan(3);
    }
  });

  it('has two beads exactly as far apart as is told', async () => {
    const geometry = ctGeometry({ count: 5, rows: size, spacingMm: 2.5 });
    const slices = await collect(ctSlices({ count: 5, rows: size, spacingMm: 2.5, noiseHu: 0 }));
    const pixels = await pixelsOf(slices[2]!);
    const centroids = geometry.beads.map(([beadX, beadY]) => {
      let weight = 0;
      let sumX = 0;
      let sumY = 0;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const xMm = (x - (size - 1) / 2) * spacing;
          const yMm = (y - (size - 1) / 2) * spacing;
          if (Math.hypot(xMm - beadX, yMm - beadY) > 4.5) continue;
          const above = Math.max(0, pixels[y * size + x]! - 1024 - 60);
          weight += above;
          sumX += xMm * above;
          sumY += yMm * above;
        }
      }
      return { x: sumX / weight, y: sumY / weight };
    });
    const [a, b] = centroids;
    expect(Math.hypot(b!.x - a!.x, b!.y - a!.y)).toBeCloseTo(CT_BEAD_DISTANCE_MM, 6);
    const header = await read(slices[2]!);
    expect(numbers(header.dataset, 'ImagePositionPatient')[2]).toBe(geometry.beads[0][2]);
  });

  it('is the same each time, and has new identifiers for another seed', async () => {
    const options = { count: 2, rows: 64 };
    const [first, again] = [await collect(ctSlices(options)), await collect(ctSlices(options))];
    expect(Buffer.compare(first[1]!.bytes, again[1]!.bytes)).toBe(0);
    expect(first[0]!.SOPInstanceUID).not.toBe(first[1]!.SOPInstanceUID);
    expect(first[0]!.SeriesInstanceUID).toBe(first[1]!.SeriesInstanceUID);
  });

  it('places slices from head to foot in one frame of reference', async () => {
    const slices = await collect(ctSlices({ count: 4, rows: 64 }));
    const headers = await Promise.all(slices.map(read));
    const z = headers.map(({ dataset }) => numbers(dataset, 'ImagePositionPatient')[2]!);
    expect(z).toEqual([...z].sort((a, b) => b - a));
    expect(z[0]! - z[1]!).toBeCloseTo(firstNumber(headers[0]!.dataset, 'SpacingBetweenSlices')!, 6);
    expect(new Set(headers.map(({ dataset }) => firstString(dataset, 'FrameOfReferenceUID'))).size).toBe(1);
  });
});

describe('mrBrain', () => {
  it('cuts both planes from one head: where they cross they agree', async () => {
    const size = 128;
    const count = 24;
    const all = await collect(mrBrain({ size, count }));
    const headers = await Promise.all(all.map(read));
    expect(new Set(headers.map(({ dataset }) => firstString(dataset, 'FrameOfReferenceUID'))).size).toBe(1);
    const spacing = 240 / size;
    const sample = async (index: number, point: [number, number, number]) => {
      const { dataset } = headers[index]!;
      const position = numbers(dataset, 'ImagePositionPatient');
      const axes = numbers(dataset, 'ImageOrientationPatient');
      const along = (offset: number) =>
        Math.round(
          point.reduce((sum, value, axis) => sum + (value - position[axis]!) * axes[axis + offset]!, 0) / spacing,
        );
      return (await pixelsOf(all[index]!))[along(3) * size + along(0)]!;
    };
    const axial = 12;
    const sagittal = 24 + 12;
    const z = numbers(headers[axial]!.dataset, 'ImagePositionPatient')[2]!;
    const x = numbers(headers[sagittal]!.dataset, 'ImagePositionPatient')[0]!;
    let sumA = 0;
    let sumB = 0;
    let product = 0;
    let squaresA = 0;
    let squaresB = 0;
    const points = 90;
    for (let step = 0; step < points; step++) {
      const y = -85 + step * 1.9;
      const a = await sample(axial, [x, y, z]);
      const b = await sample(sagittal, [x, y, z]);
      sumA += a;
      sumB += b;
      product += a * b;
      squaresA += a * a;
      squaresB += b * b;
    }
    const covariance = product / points - (sumA / points) * (sumB / points);
    const deviations = Math.sqrt(
      (squaresA / points - (sumA / points) ** 2) * (squaresB / points - (sumB / points) ** 2),
    );
    expect(covariance / deviations).toBeGreaterThan(0.8);
  });
});

describe('the other phantoms', () => {
  it('store MONOCHROME1 as the inverse of MONOCHROME2', async () => {
    const options = { rows: 125, columns: 100 };
    const [plain] = await collect(dxChest(options));
    const [inverse] = await collect(dxChest({ ...options, photometricInterpretation: 'MONOCHROME1' }));
    const [a, b] = [await pixelsOf(plain!), await pixelsOf(inverse!)];
    for (let at = 0; at < a.length; at++) expect(Math.abs(a[at]! + b[at]! - 4095)).toBeLessThanOrEqual(1);
  });

  it('calibrate ultrasound in centimetres', async () => {
    const [cine] = await collect(usCine({ columns: 80, rows: 60, frames: 3 }));
    const { dataset } = await read(cine!);
    const [region] = items(dataset, 'SequenceOfUltrasoundRegions');
    const depthCm =
      (firstNumber(region!, 'RegionLocationMaxY1')! - firstNumber(region!, 'RegionLocationMinY0')!) *
      firstNumber(region!, 'PhysicalDeltaY')!;
    expect(depthCm).toBeCloseTo(16, 0);
  });

  it('fill vessels after the mask of an angiography', async () => {
    const [run] = await collect(xaRun({ size: 128, frames: 12 }));
    const header = await read(run!);
    const index = await indexFrames(sourceOfBytes(run!.bytes), header, header.bulkData.at(-1)!);
    expect(index.numberOfFrames).toBe(12);
    const pixels = await pixelsOf(run!);
    const darker = (frame: number) => {
      let count = 0;
      for (let at = 0; at < 128 * 128; at++) if (pixels[frame * 16384 + at]! < pixels[16384 + at]! - 60) count++;
      return count;
    };
    expect(darker(XA_MASK_FRAMES - 1)).toBeLessThan(20);
    expect(darker(XA_MASK_FRAMES + 6)).toBeGreaterThan(200);
  });
});

describe('demoStudies', () => {
  const today = '20261124';

  it('is a hospital: all modalities, several patients, one of them with earlier studies', () => {
    const studies = demoStudies({ today });
    expect(studies.length).toBeGreaterThanOrEqual(12);
    expect(new Set(studies.map(({ modality }) => modality))).toEqual(new Set(['CT', 'MR', 'DX', 'US', 'XA', 'ES']));
    expect(new Set(studies.map(({ study }) => study.AccessionNumber)).size).toBe(studies.length);
    const first = studies.filter(({ study }) => study.patient.PatientID === '0002148367');
    expect(first.length).toBeGreaterThanOrEqual(4);
    expect(studies.every(({ study }) => study.StudyDate <= today)).toBe(true);
  });

  it('makes what it announces, readable, with Chinese names and distinct valid identifiers', async () => {
    const seen = new Set<string>();
    for (const { study, modality, numberOfInstances, instances } of demoStudies({ today, isSmall: true })) {
      const made = await collect(instances());
      expect(made).toHaveLength(numberOfInstances);
      for (const instance of made) {
        const header = await read(instance);
        expect(header).toMatchObject({
          SOPClassUID: instance.SOPClassUID,
          SOPInstanceUID: instance.SOPInstanceUID,
          SeriesInstanceUID: instance.SeriesInstanceUID,
          StudyInstanceUID: instance.StudyInstanceUID,
          transferSyntaxUID: study.transferSyntaxUID,
          characterSet: { declared: study.characterSet.split('\\'), cured: false },
        });
        expect(personName(header.dataset, 'PatientName')).toEqual(study.patient.PatientName);
        expect(firstString(header.dataset, 'StudyDescription')).toBe(study.StudyDescription);
        expect(firstString(header.dataset, 'Modality')).toBe(modality);
        expect(firstString(header.dataset, 'InstitutionalDepartmentName')).toBe(study.InstitutionalDepartmentName);
        expect(isValidUid(instance.SOPInstanceUID)).toBe(true);
        expect(seen.has(instance.SOPInstanceUID)).toBe(false);
        seen.add(instance.SOPInstanceUID);
      }
    }
  });
});
