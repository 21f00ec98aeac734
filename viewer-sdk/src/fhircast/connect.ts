/** Follows and leads a FHIRcast session: `import { connectFhircast } from 'https://pacs.hospital/sdk/filmless-fhircast.js'`. */
import {
  CONTEXT_EVENTS,
  type ContextEventName,
  type ContextNotification,
  contextRequest,
  type ImagingContext,
  readNotification,
  readSubscription,
} from './messages.ts';

export type { ContextEventName, ImagingContext } from './messages.ts';

/** What a session drives: `<filmless-viewer>`. */
export interface ContextViewer extends EventTarget {
  study: string;
  series: string;
  accession: string;
  patient: string;
}

export interface FhircastOptions {
  /** The hub's address, from the launch. */
  readonly hubUrl: string;
  /** The session, from the launch. */
  readonly topic: string;
  /** A token for the hub, or what gives one; it goes into a header, never into an address. */
  readonly token: string | (() => string | Promise<string>);
  readonly viewer: ContextViewer;
  /** The `system` of the patient identifiers that the PACS uses as Patient ID. Without it: the medical record number, or the only one. */
  readonly patientSystem?: string;
  /** Shown to other users of the hub. */
  readonly subscriberName?: string;
  /** Asked before a context is followed; `false` refuses it, and the hub tells the others. */
  readonly mayFollow?: (event: ContextEventName, context: ImagingContext) => boolean | Promise<boolean>;
  /** Whose study the viewer has opened, for what is published; what the study itself says when absent. */
  readonly describeStudy?: (StudyInstanceUID: string) => ImagingContext;
}

const LEASE_SECONDS = 7200;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const MOST_IDS = 200;

/** Dispatches `subscribed`, `denied` (detail: the reason), `syncerror`, and `disconnected`, after which it connects again by itself. */
export class FhircastConnection extends EventTarget {
  readonly #options: FhircastOptions;
  #socket: WebSocket | undefined;
  #endpoint: string | undefined;
  #disposed = false;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Raised with every context: what takes longer than the next one is dropped. */
  #turn = 0;
  #currentAt = Number.NEGATIVE_INFINITY;
  #current: ImagingContext = {};
  readonly #seen = new Set<string>();

  constructor(options: FhircastOptions) {
    super();
    this.#options = options;
    options.viewer.addEventListener('filmless-study-open', this.#opened);
    void this.#connect();
  }

  /** Tells the session that the patient was left here, and takes the images off the screen. */
  async closePatient(): Promise<void> {
    const { patient } = this.#current;
    this.#clear();
    if (patient !== undefined) await this.#publish('Patient-close', { patient });
  }

  /** Leaves the session. The images stay. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#options.viewer.removeEventListener('filmless-study-open', this.#opened);
    this.#socket?.close();
    if (this.#endpoint !== undefined)
      void this.#subscription('unsubscribe', { 'hub.channel.endpoint': this.#endpoint }).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    try {
      const response = await this.#subscription('subscribe', {
        'hub.channel.type': 'websocket',
        'hub.lease_seconds': String(LEASE_SECONDS),
      });
      const answer: unknown = await response.json();
      const endpoint =
        typeof answer === 'object' && answer !== null && 'hub.channel.endpoint' in answer
          ? answer['hub.channel.endpoint']
          : undefined;
      if (!response.ok || typeof endpoint !== 'string') throw new Error(`the hub answered HTTP ${response.status}`);
      if (this.#disposed) return;
      this.#listen(this.#checked(endpoint));
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error));
    }
  }

  /** A hub that is reached safely must not lead to an unsafe line. */
  #checked(endpoint: string): string {
    const { protocol } = new URL(endpoint);
    const safe = new URL(this.#options.hubUrl, document.baseURI).protocol === 'https:';
    if (protocol !== 'wss:' && !(protocol === 'ws:' && !safe)) throw new Error('the hub named an unsafe connection');
    return endpoint;
  }

  #listen(endpoint: string): void {
    this.#endpoint = endpoint;
    const socket = new WebSocket(endpoint);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => void this.#message(socket, data));
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#lost('the connection was closed');
    });
  }

  #lost(reason: string): void {
    this.#socket = undefined;
    if (this.#disposed) return;
    clearTimeout(this.#timer);
    this.dispatchEvent(new CustomEvent('disconnected', { detail: reason }));
    this.#timer = setTimeout(() => void this.#connect(), this.#pauseMs);
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  async #message(socket: WebSocket, data: unknown): Promise<void> {
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    const subscription = readSubscription(message);
    if (subscription?.mode === 'subscribe') {
      this.#pauseMs = FIRST_PAUSE_MS;
      // Renewed before it runs out.
      clearTimeout(this.#timer);
      const leaseMs = (subscription.leaseSeconds ?? LEASE_SECONDS) * 1000;
      this.#timer = setTimeout(() => socket.close(), leaseMs * 0.8);
      this.dispatchEvent(new Event('subscribed'));
      return;
    }
    if (subscription?.mode === 'denied') {
      this.dispatchEvent(new CustomEvent('denied', { detail: subscription.reason }));
      this.dispose();
      return;
    }
    const notification = readNotification(message, this.#options.patientSystem);
    if (!notification || notification.topic !== this.#options.topic) return;
    const status = await this.#follow(notification);
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id: notification.id, status }));
  }

  /** @returns the HTTP status that tells the hub whether the context was followed */
  async #follow({ id, at, event, context }: ContextNotification): Promise<string> {
    if (event === 'syncerror') {
      this.dispatchEvent(new Event('syncerror'));
      return '200';
    }
    // Repeated, our own, or older than what is on the screen. FHIRcast STU3 2.5
    if (event === undefined || this.#seen.has(id) || at < this.#currentAt) return '200';
    this.#remember(id);
    this.#turn += 1;
    const turn = this.#turn;
    const { mayFollow } = this.#options;
    if (mayFollow && !(await mayFollow(event, context))) return '409';
    if (turn !== this.#turn || this.#disposed) return '202';
    this.#currentAt = at;
    if (event === 'ImagingStudy-open') return this.#open(context);
    if (event === 'Patient-open') {
      // Images of the patient before must not stay beside another's chart.
      if (!this.#isCurrentPatient(context.patient)) this.#clear();
    } else if (event === 'Patient-close') {
      if (context.patient === undefined || this.#isCurrentPatient(context.patient)) this.#clear();
    } else if (context.study === undefined || context.study === this.#current.study) this.#clear();
    return '200';
  }

  #open(context: ImagingContext): string {
    const { study = '', accession = '', patient = '' } = context;
    if (study === '' && accession === '') {
      this.#clear();
      return '409';
    }
    this.#current = context;
    const { viewer } = this.#options;
    // One turn: the viewer opens once, and shows nothing unless the study is this patient's.
    Object.assign(viewer, { study, accession: study === '' ? accession : '', patient, series: '' });
    return '200';
  }

  #clear(): void {
    this.#current = {};
    Object.assign(this.#options.viewer, { study: '', accession: '', patient: '', series: '' });
  }

  #isCurrentPatient(patient: string | undefined): boolean {
    const shown = this.#current.patient ?? (this.#options.viewer.patient || undefined);
    return patient !== undefined && shown?.trim() === patient.trim();
  }

  /** The viewer has opened a study: the session hears of it, unless it came from there. */
  readonly #opened = (event: Event): void => {
    const opened: Readonly<Record<string, unknown>> = event instanceof CustomEvent ? (event.detail ?? {}) : {};
    const { StudyInstanceUID: study, PatientID, AccessionNumber } = opened;
    if (typeof study !== 'string' || study === this.#current.study) return;
    const { viewer, describeStudy } = this.#options;
    const fromHub = this.#current.study === undefined && this.#current.accession !== undefined;
    const accession =
      typeof AccessionNumber === 'string' && AccessionNumber !== '' ? AccessionNumber : viewer.accession;
    const patient = typeof PatientID === 'string' && PatientID !== '' ? PatientID : viewer.patient;
    const described = describeStudy?.(study) ?? { ...(accession && { accession }), ...(patient && { patient }) };
    const led = fromHub && viewer.accession === this.#current.accession;
    this.#current = { ...described, study };
    this.#turn += 1;
    if (!led) void this.#publish('ImagingStudy-open', this.#current);
  };

  async #publish(event: ContextEventName, context: ImagingContext): Promise<void> {
    const { hubUrl, topic, patientSystem } = this.#options;
    const id = crypto.randomUUID();
    this.#remember(id);
    try {
      const response = await fetch(hubUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(await this.#authorization()) },
        body: JSON.stringify(contextRequest(id, topic, event, context, patientSystem)),
        credentials: 'omit',
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch {
      // The images here are right; it is the others who do not follow.
      this.dispatchEvent(new Event('syncerror'));
    }
  }

  async #subscription(mode: 'subscribe' | 'unsubscribe', more: Readonly<Record<string, string>>): Promise<Response> {
    const { hubUrl, topic, subscriberName = 'Filmless' } = this.#options;
    return fetch(hubUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...(await this.#authorization()) },
      body: new URLSearchParams({
        'hub.mode': mode,
        'hub.topic': topic,
        'hub.events': [...CONTEXT_EVENTS, 'syncerror'].join(','),
        'subscriber.name': subscriberName,
        ...more,
      }).toString(),
      credentials: 'omit',
    });
  }

  async #authorization(): Promise<{ Authorization: string }> {
    const { token } = this.#options;
    return { Authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
  }

  #remember(id: string): void {
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MOST_IDS) break;
      this.#seen.delete(oldest);
    }
  }
}

/** Joins a viewer to a FHIRcast session. */
export function connectFhircast(options: FhircastOptions): FhircastConnection {
  return new FhircastConnection(options);
}
