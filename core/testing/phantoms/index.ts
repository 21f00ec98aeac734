/** Images that look like those of a hospital, made from nothing: for tests, benches and the demonstration. */
export * from './ct-chest.ts';
export * from './hospital.ts';
export type { Attributes, PhantomInstance, PhantomSeries } from './instance.ts';
export { datasetOf, SeriesWriter } from './instance.ts';
export { randomOf, uidOf } from './random.ts';
