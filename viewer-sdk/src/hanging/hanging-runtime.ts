import { type Beside, givenLayout, pageElement, setLayout } from '../compare/beside.ts';
import type { Linking } from '../compare/linking.ts';
import { isAbort, ViewerError } from '../errors.ts';
import type { ViewerContext } from '../extension/contract.ts';
import { HangingScreen } from './apply.ts';
import type { Candidate } from './candidate.ts';
import { chooseHanging, type Hanging, hang, kindOf, matchesStudy, type StudyKind } from './choose.ts';
import { loadCandidates } from './load-candidates.ts';
import type { HangingProtocol } from './protocol.ts';
import type { OwnedProtocol, ProtocolStore } from './protocol-store.ts';
import { hangingText } from './texts.ts';

/** What a page writes into `layout` to have every study laid out by whichever protocol fits first. */
const AUTOMATIC = 'auto';

/** Chooses and applies hanging protocols in one viewer. */
export class HangingRuntime {
  readonly #viewer: ViewerContext;
  readonly #linking: Linking;
  readonly #beside: Beside;
  readonly #store: () => ProtocolStore | undefined;
  readonly #screen: HangingScreen;
  #request = new AbortController();
  #candidates: { readonly key: string; readonly loading: Promise<Candidate[]> } | undefined;
  /** The layout that the page, or the user, asked for last. */
  #wish: string;
  /** The protocol on the screen. */
  applied: string | undefined;

  constructor(viewer: ViewerContext, linking: Linking, beside: Beside, store: () => ProtocolStore | undefined) {
    this.#viewer = viewer;
    this.#linking = linking;
    this.#beside = beside;
    this.#store = store;
    this.#screen = new HangingScreen(viewer);
    this.#wish = pageElement(viewer).layout;
  }

  dispose(): void {
    this.forget();
    this.#screen.dispose();
  }

  /** Another study comes: nothing of this one is kept. */
  forget(): void {
    this.#request.abort();
    this.#request = new AbortController();
    this.#candidates = undefined;
    this.applied = undefined;
  }

  /**
   * Lays the study out once when it opens: by the first protocol that fits where the page wishes `auto`, by those marked automatic where it
   * names no layout. One image stays as it is.
   */
  async open(): Promise<void> {
    const { layout } = pageElement(this.#viewer);
    if (layout !== givenLayout(this.#viewer)) this.#wish = layout;
    const wish = this.#wish;
    if (wish !== '' && wish !== AUTOMATIC) return;
    const wanted = (this.#store()?.protocols ?? [])
      .map(({ protocol }) => protocol)
      .filter(({ automatic }) => wish === AUTOMATIC || automatic);
    const { seriesList } = this.#viewer;
    const modalities = seriesList.filter(({ image }) => image).map(({ modality }) => modality);
    // Before anything is asked for: there may be no protocol for these modalities.
    const meant = ({ matches }: HangingProtocol) =>
      !matches.modalities || matches.modalities.some((each) => modalities.includes(each));
    const hanging = wanted.some(meant) ? await this.choose(wanted) : undefined;
    if (hanging && hanging.cells.length > 1) await this.show(hanging);
    // The layout that we gave for the study before goes.
    else if (layout === givenLayout(this.#viewer) && layout !== '1x1')
      await setLayout(this.#viewer, { rows: 1, columns: 1 });
  }

  /** The first of these protocols that fits the studies on the screen. */
  async choose(protocols: readonly HangingProtocol[]): Promise<Hanging | undefined> {
    const found = await this.candidates();
    return found && chooseHanging(protocols, found.kind, found.candidates);
  }

  /** Applies a protocol by hand. @returns false, and says so, when it finds nothing to show */
  async apply(protocol: HangingProtocol): Promise<boolean> {
    const found = await this.candidates();
    const hanging = found && hang(protocol, found.candidates);
    if (!hanging) {
      this.#viewer.notify(hangingText(this.#viewer.locale, 'nothingFits'), 'error');
      return false;
    }
    await this.show(hanging);
    return true;
  }

  async show(hanging: Hanging): Promise<void> {
    const { sync } = hanging.protocol;
    // While the cells are being filled, none of them leads.
    this.#linking.part();
    Object.assign(this.#linking, { window: false, zoom: false });
    if (!(await this.#screen.show(hanging))) return;
    this.applied = hanging.protocol.id;
    Object.assign(this.#linking, { window: sync?.window ?? false, zoom: sync?.zoom ?? false });
    if (sync?.scroll) this.#linking.joinLoosely();
    this.#viewer.requestUpdate();
  }

  /** Which of the protocols are meant for what is on the screen. */
  async fitting(): Promise<{ fitting: readonly OwnedProtocol[]; others: readonly OwnedProtocol[] }> {
    const all = this.#store()?.protocols ?? [];
    const found = await this.candidates();
    const fits = ({ protocol }: OwnedProtocol) =>
      found !== undefined && matchesStudy(protocol, found.kind) && hang(protocol, found.candidates) !== undefined;
    return { fitting: all.filter(fits), others: all.filter((one) => !fits(one)) };
  }

  async candidates(): Promise<{ candidates: Candidate[]; kind: StudyKind } | undefined> {
    const { client, study } = this.#viewer;
    if (!client || !study) return undefined;
    const earlier = this.#beside.studies.filter(({ date }) => date <= study.date);
    const uids = [study, ...earlier].map(({ StudyInstanceUID }) => StudyInstanceUID);
    const key = uids.join(' ');
    const { signal } = this.#request;
    if (this.#candidates?.key !== key) this.#candidates = { key, loading: loadCandidates(client, uids, signal) };
    try {
      const candidates = await this.#candidates.loading;
      if (signal.aborted || this.#viewer.study !== study) return undefined;
      return { candidates, kind: kindOf(candidates, study.description, uids.length - 1) };
    } catch (error) {
      this.#candidates = undefined;
      if (isAbort(error)) return undefined;
      // The study can be read without being hung.
      if (error instanceof ViewerError) return undefined;
      throw error;
    }
  }
}
