import { text } from '../dicom/json.ts';
import type { ObjectInstance, ViewerContext } from '../extension/contract.ts';
import type { ObjectReport } from './model.ts';

/** Shows a report that is a DICOM object, by the renderer of its kind. @returns frees it */
export function mountObject(host: HTMLElement, { kind, dataset }: ObjectReport, viewer: ViewerContext): () => void {
  const instance: ObjectInstance = {
    dataset,
    StudyInstanceUID: text(dataset, 'StudyInstanceUID') ?? '',
    SeriesInstanceUID: text(dataset, 'SeriesInstanceUID') ?? '',
    SOPInstanceUID: text(dataset, 'SOPInstanceUID') ?? '',
  };
  let ended = false;
  let mounted: { dispose(): void } | undefined;
  const mount = async (): Promise<void> => {
    const render =
      kind === 'document'
        ? (await import('../objects/document/pdf-renderer.ts')).mountPdf
        : (await import('../objects/sr/renderer.ts')).mountStructuredReport;
    if (ended) return;
    mounted = render(host, instance, viewer);
  };
  void mount();
  return () => {
    ended = true;
    mounted?.dispose();
  };
}
