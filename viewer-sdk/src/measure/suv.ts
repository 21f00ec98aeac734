import { items, type JsonDataset, number, text, texts } from '../dicom/json.ts';

/** Longer than this between injection and scan, the times are not believed: clinical tracers are scanned within hours. */
const LONGEST_DELAY_S = 24 * 3600;
/** Doses below this are megabecquerels in the wrong unit. @dicom PS3.3 C.8.9.2: Radionuclide Total Dose is in Bq */
const SMALLEST_DOSE_BQ = 1e5;
const LARGEST_DOSE_BQ = 1e11;

/**
 * What a value in Bq/ml has to be multiplied by to become SUV by body weight, in g/ml. Only when everything needed is there and agrees:
 * corrected for attenuation and decay, one tracer with dose and half life, a weight, and times that follow each other. The decay counts to
 * the start of the series: where an image was acquired before it, the series is a derived one and its time says nothing.
 * @dicom PS3.3 C.8.9.1, C.8.9.2
 */
export function suvFactor(dataset: JsonDataset): number | undefined {
  const corrected = texts(dataset, 'CorrectedImage').map((value) => value.toUpperCase());
  if (!corrected.includes('ATTN') || !corrected.includes('DECY')) return undefined;
  const weightKg = number(dataset, 'PatientWeight');
  const tracers = items(dataset, 'RadiopharmaceuticalInformationSequence');
  const [tracer] = tracers;
  if (tracers.length !== 1 || weightKg === undefined || weightKg < 0.2 || weightKg > 700) return undefined;
  const doseBq = number(tracer, 'RadionuclideTotalDose');
  const halfLifeS = number(tracer, 'RadionuclideHalfLife');
  if (doseBq === undefined || doseBq < SMALLEST_DOSE_BQ || doseBq > LARGEST_DOSE_BQ) return undefined;
  if (halfLifeS === undefined || halfLifeS <= 0) return undefined;
  const perDose = (weightKg * 1000) / doseBq;
  const decay = text(dataset, 'DecayCorrection')?.toUpperCase();
  if (decay === 'ADMIN') return perDose;
  if (decay !== 'START') return undefined;
  const delayS = delayToScan(dataset, tracer);
  return delayS === undefined ? undefined : perDose * 2 ** (delayS / halfLifeS);
}

function delayToScan(dataset: JsonDataset, tracer: JsonDataset | undefined): number | undefined {
  const seriesDate = text(dataset, 'SeriesDate');
  const scan = seconds(seriesDate, text(dataset, 'SeriesTime'));
  const acquired = seconds(text(dataset, 'AcquisitionDate') ?? seriesDate, text(dataset, 'AcquisitionTime'));
  if (scan === undefined || acquired === undefined || acquired < scan) return undefined;
  const injected = injection(dataset, tracer, seriesDate);
  if (injected === undefined) return undefined;
  const delayS = scan - injected;
  return delayS >= 0 && delayS <= LONGEST_DELAY_S ? delayS : undefined;
}

/** An injection in another time zone than the dates and times of the data set is not believed. */
function injection(
  dataset: JsonDataset,
  tracer: JsonDataset | undefined,
  seriesDate: string | undefined,
): number | undefined {
  const at = text(tracer, 'RadiopharmaceuticalStartDateTime');
  if (at === undefined) return seconds(seriesDate, text(tracer, 'RadiopharmaceuticalStartTime'));
  const [, date, time, zone] = /^(\d{8})([\d.]*)([+-]\d{4})?$/.exec(at) ?? [];
  return zone !== undefined && zone !== text(dataset, 'TimezoneOffsetFromUTC') ? undefined : seconds(date, time);
}

/** Seconds since 1970 as if the local time were UTC: only differences within one place are taken. @dicom PS3.5 6.2 */
function seconds(date: string | undefined, time: string | undefined): number | undefined {
  const day = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date ?? '');
  const clock = /^(\d{2}):?(\d{2}):?(\d{2})(\.\d+)?/.exec(time ?? '');
  if (!day || !clock) return undefined;
  const midnight = Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3])) / 1000;
  return midnight + Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) + Number(clock[4] ?? 0);
}
