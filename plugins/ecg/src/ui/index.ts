import type { JsonDataset, ViewerSdk } from '@filmless/viewer-sdk';
import { EcgView } from './view.ts';
import { itemsAt, textAt } from './waveform.ts';

/** Audio is a waveform too, and nothing to look at. */
const AUDIO = '1.2.840.10008.5.1.4.1.1.9.4.';

/** Waveforms of every other kind: ECG by the millimetre, others as strips with their own units. */
export const isWaveform = (dataset: JsonDataset): boolean =>
  itemsAt(dataset, 'WaveformSequence').length > 0 && !(textAt(dataset, 'SOPClassUID') ?? '').startsWith(AUDIO);

/** Called by the viewer with its public interface. */
export default function register({ registerViewerExtension }: ViewerSdk): void {
  registerViewerExtension({
    id: 'ecg',
    load: () => ({
      renderers: [
        {
          id: 'ecg',
          matches: isWaveform,
          mount: (host, instance, viewer) => new EcgView(host, instance, viewer),
        },
      ],
    }),
  });
}
