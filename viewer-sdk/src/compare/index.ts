import { AuthorizedFetch, type TokenProvider } from '../client/authorized-fetch.ts';
import { requestQueue } from '../client/request-queue.ts';
import { toViewerError } from '../errors.ts';
import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { HangingPanel } from '../hanging/hanging-panel.ts';
import { HangingRuntime } from '../hanging/hanging-runtime.ts';
import { ProtocolStore } from '../hanging/protocol-store.ts';
import { ViewLayer } from '../hanging/view-layer.ts';
import { Beside, pageElement, setLayout } from './beside.ts';
import { Cursor3d } from './cursor.ts';
import { DateLayer } from './date-layer.ts';
import { Linking } from './linking.ts';
import { LocaliserLayer } from './localiser-layer.ts';
import { type CompareText, compareText } from './texts.ts';
import { TimelinePanel } from './timeline-panel.ts';

/** Everything of one viewer that puts images beside images: lines, links, cursor, earlier exams, hanging protocols. */
export async function openCompare(viewer: ViewerContext): Promise<ViewerContribution> {
  const localiser = new LocaliserLayer(viewer);
  const cursor = new Cursor3d(viewer);
  const linking = new Linking(viewer);
  const beside = new Beside(viewer);
  let store: ProtocolStore | undefined;
  let storeServer: string | undefined;
  const hanging = new HangingRuntime(viewer, linking, beside, () => store);
  const hangingPanel = new HangingPanel(viewer, hanging, () => store);
  const text = (key: CompareText) => compareText(viewer.locale, key);

  const failed = (error: unknown): void => {
    const { code } = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    viewer.notify(viewer.t(`error.${code}.title`), 'error');
  };

  /** Opens the protocols of user and site at the server in use. */
  const openStore = async (): Promise<void> => {
    const server = viewer.client?.urls.server;
    if (server === undefined || server === storeServer) return;
    const { tokenProvider } = viewer.element as HTMLElement & { tokenProvider?: TokenProvider | undefined };
    const opening = new ProtocolStore(new AuthorizedFetch(requestQueue, tokenProvider), server);
    await opening.load();
    if (viewer.client?.urls.server !== server) return;
    store = opening;
    storeServer = server;
  };

  /** Puts what the page's `compare` names beside the study; with earlier mammograms, by their own protocol. */
  const compare = async (uids: readonly string[]): Promise<void> => {
    const studies = await beside.admit(uids);
    if (studies.length === 0) return;
    beside.take(studies);
    const modalities = viewer.seriesList.map(({ modality }) => modality);
    const protocols = (store?.protocols ?? [])
      .map(({ protocol }) => protocol)
      .filter(({ matches }) => matches.priors && matches.modalities?.some((each) => modalities.includes(each)));
    const hung = protocols.length > 0 ? await hanging.choose(protocols) : undefined;
    if (hung) await hanging.show(hung);
    else {
      await beside.open(studies);
      linking.joinLoosely();
    }
    beside.announce();
    viewer.requestUpdate();
  };
  /** The series that each cell last painted. */
  const painted = new Map<string, string>();
  const named = (): string[] =>
    pageElement(viewer)
      .compare.split(/[\s,]+/)
      .filter(Boolean);

  const opened = async (): Promise<void> => {
    try {
      await openStore();
      if (named().length > 0) await compare(named());
      else await hanging.open();
    } catch (error) {
      failed(error);
    }
  };

  const timeline = new TimelinePanel(viewer, beside, (uid) => {
    const others = beside.studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
    compare([...others.filter((other) => other !== uid), uid]).catch(failed);
  });

  const forget = (): void => {
    cursor.forget();
    painted.clear();
    linking.part();
    beside.forget();
    hanging.forget();
  };
  const ends = [
    viewer.on('rendered', ({ cell }) => {
      linking.follow(cell);
      // The lines on the others follow the active image; their dates depend on what else is on the screen.
      const series = cell.view?.frame.SeriesInstanceUID ?? '';
      if (cell === viewer.active || painted.get(cell.id) !== series)
        for (const other of viewer.cells) if (other !== cell) other.redraw();
      painted.set(cell.id, series);
    }),
    viewer.on('active', () => viewer.requestUpdate()),
    viewer.on('series', ({ cell }) => beside.check(cell)),
    viewer.on('study', () => void opened()),
    viewer.on('compare', () => {
      if (named().length > 0) compare(named()).catch(failed);
      else if (beside.studies.length > 0) {
        beside.forget();
        linking.part();
        setLayout(viewer, { rows: 1, columns: 1 }).catch(failed);
      }
    }),
    viewer.on('closed', forget),
  ];
  // The study may have been there before us.
  if (viewer.study && viewer.seriesList.length > 0) void opened();

  const several = (): boolean => viewer.cells.length > 1;
  const toggle = (id: string, key: 'window' | 'zoom') => ({
    id,
    run: () => {
      linking[key] = !linking[key];
      viewer.requestUpdate();
    },
    pressed: () => linking[key],
    enabled: several,
  });
  return {
    tools: [cursor],
    layers: [localiser, cursor, new ViewLayer(viewer), new DateLayer(viewer)],
    panels: [timeline, hangingPanel],
    commands: [
      {
        id: 'link',
        run: () => {
          if (linking.scroll) linking.part();
          else linking.join();
          viewer.notify(text(linking.scroll ? 'linked' : 'unlinked'));
          viewer.requestUpdate();
        },
        pressed: () => linking.scroll,
        enabled: several,
      },
      {
        id: 'localiser',
        run: () => {
          localiser.shown = !localiser.shown;
          viewer.requestUpdate();
        },
        pressed: () => localiser.shown,
        enabled: several,
      },
      toggle('sync-window', 'window'),
      toggle('sync-zoom', 'zoom'),
      {
        id: 'compare-prior',
        run: async () => {
          try {
            const prior = await beside.findPrior();
            if (prior) await compare([prior.StudyInstanceUID]);
            else viewer.notify(text('noPrior'));
          } catch (error) {
            failed(error);
          }
        },
        enabled: () => viewer.study !== undefined,
      },
      { id: 'hanging', run: () => viewer.openPanel('hanging'), enabled: () => viewer.study !== undefined },
    ],
    dispose: () => {
      for (const end of ends) end();
      forget();
      hanging.dispose();
    },
  };
}
