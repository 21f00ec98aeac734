import { text } from '../dicom/json.ts';
import type { ObjectInstance, ViewerContext } from '../extension/contract.ts';
import { OBJECT_TAG } from '../objects/parts/dataset.ts';
import type { ObjectReport } from './model.ts';

/** The PDF file of a report that the server keeps, as the renderer of documents takes one. */
export const pdfReport = (id: string, title: string, url: string): ObjectReport => ({
  type: 'object',
  kind: 'document',
  id,
  title,
  date: '',
  time: '',
  dataset: {
    [OBJECT_TAG.EncapsulatedDocument]: { vr: 'OB', BulkDataURI: url },
    [OBJECT_TAG.DocumentTitle]: { vr: 'ST', Value: [title] },
    [OBJECT_TAG.SOPInstanceUID]: { vr: 'UI', Value: [id] },
  },
});

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
