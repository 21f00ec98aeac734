import type { AnnotationKind } from './annotation.ts';

/** The tools by their ids, which are also their names in the `toolset` attribute, and what they draw. */
export const MEASURE_TOOLS = {
  length: 'length',
  angle: 'angle',
  cobb: 'cobb',
  probe: 'probe',
  ellipse: 'ellipse',
  rectangle: 'rectangle',
  freehand: 'freehand',
  arrow: 'arrow',
  text: 'text',
  calibrate: 'length',
} as const satisfies Record<string, AnnotationKind>;

export type MeasureTool = keyof typeof MEASURE_TOOLS;

export function isMeasureTool(id: string): id is MeasureTool {
  return Object.hasOwn(MEASURE_TOOLS, id);
}
