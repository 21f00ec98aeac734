export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobRecord {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  payload: unknown;
  progress: { done: number; total: number };
  attempts: number;
  maxAttempts: number;
  /** Registry code and detail of the last failure. */
  error?: { code: string; detail: string };
  createdAt: string;
  notBefore: string;
  finishedAt?: string;
  createdBy: string;
}

export interface JobContext {
  readonly job: JobRecord;
  readonly signal: AbortSignal;
  progress(done: number, total: number): void;
}

/** Contributed to the `Job` point under its kind. May run again after a crash: must be idempotent. */
export interface JobRunner {
  concurrency?: number;
  maxAttempts?: number;
  run(context: JobContext): Promise<void>;
}

export interface Jobs {
  enqueue(job: {
    kind: string;
    title: string;
    payload: unknown;
    createdBy: string;
    notBefore?: string /** A waiting or running job with the same key is kept instead. */;
    dedupeKey?: string;
  }): Promise<JobRecord>;
  get(id: string): Promise<JobRecord | undefined>;
  list(filter?: { state?: JobState; kind?: string; createdBy?: string; limit?: number }): Promise<JobRecord[]>;
  cancel(id: string): Promise<JobRecord>;
  retry(id: string): Promise<JobRecord>;
}
