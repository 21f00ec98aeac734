import type { Logger } from '../src/plugins/contract.ts';

export interface LogLine {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  fields: object;
  message: string | undefined;
}

/** A logger that keeps its lines, so that tests can read them. */
export class RecordingLog implements Logger {
  readonly lines: LogLine[];
  readonly #bindings: object;

  constructor(lines: LogLine[] = [], bindings: object = {}) {
    this.lines = lines;
    this.#bindings = bindings;
  }

  trace(fields: object, message?: string): void {
    this.#add('trace', fields, message);
  }

  debug(fields: object, message?: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message?: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message?: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message?: string): void {
    this.#add('error', fields, message);
  }

  child(bindings: object): Logger {
    return new RecordingLog(this.lines, { ...this.#bindings, ...bindings });
  }

  #add(level: LogLine['level'], fields: object, message: string | undefined): void {
    this.lines.push({ level, fields: { ...this.#bindings, ...fields }, message });
  }
}
