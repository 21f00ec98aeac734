/** Images that look like those of a hospital, made from nothing: for tests, benches and the demonstration. */
export * from './ct-chest.ts';
export * from './demo-studies.ts';
export * from './dx-chest.ts';
export * from './ecg-recording.ts';
export * from './endoscopy.ts';
export * from './geometry.ts';
export * from './hospital.ts';
export type { Attributes, PhantomInstance, PhantomSeries } from './instance.ts';
export { datasetOf, SeriesWriter } from './instance.ts';
export * from './mg-four-view.ts';
export * from './mr-brain.ts';
export * from './overlay-objects.ts';
export { randomOf, uidOf } from './random.ts';
export * from './report-objects.ts';
export * from './us-heart.ts';
export * from './whole-slide.ts';
export * from './xa-run.ts';
