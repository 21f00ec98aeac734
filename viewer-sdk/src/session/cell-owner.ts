import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { Engine } from '../engine/contract.ts';
import type { ViewerError } from '../errors.ts';
import type { Signals } from '../extension/signals.ts';
import type { ClientFrameSource } from './client-frame-source.ts';
import type { ExpectedSeries } from './series-reader.ts';
import type { SeriesSummary, StudySummary } from './summaries.ts';
import type { ViewerCell } from './viewer-cell.ts';

/** What a cell needs of the viewer it stands in. */
export interface CellOwner {
  readonly client: DicomWebClient | undefined;
  readonly source: ClientFrameSource | undefined;
  readonly signals: Signals;
  /** The page's engine. @throws ViewerError VIEWER_ENGINE_FAILED; the next call tries again */
  engine(): Promise<Engine>;
  /** What the instances of a series have to be. @throws ViewerError VIEWER_PATIENT_MISMATCH for a study of someone else */
  expect(study: string, series: string): Promise<ExpectedSeries>;
  studySummary(study: string): StudySummary | undefined;
  seriesSummary(study: string, series: string): SeriesSummary | undefined;
  /** The screen shows something else. */
  cellChanged(cell: ViewerCell): void;
  /** All instances of the cell's series are known. */
  seriesKnown(cell: ViewerCell): void;
  /** The cell cannot show its series; where it is not sure whose images they are, the whole viewer is blanked. */
  cellFailed(error: ViewerError): void;
  /** Tells the page of a failure. */
  tell(error: ViewerError): void;
  /** Tells the page something. */
  dispatch(event: Event): void;
  firstImage(source: 'preview' | 'original'): void;
}
