/** What the page and its reader workers say to each other. */
export type ReaderRequest =
  | { readonly id: number; readonly url: string; readonly headers: [name: string, value: string][] }
  | { readonly id: number; readonly giveUp: true };

export type ReaderAnswer =
  /** Begins every answer; one that is no success is whole with it. */
  | {
      readonly id: number;
      readonly status: number;
      readonly headers: [name: string, value: string][];
      readonly failure?: string;
    }
  | {
      readonly id: number;
      readonly headers: ReadonlyMap<string, string>;
      readonly body: Uint8Array<ArrayBuffer>;
    }
  | { readonly id: number; readonly ended: true }
  /** @param malformed the answer is not what its Content-Type says; else the line broke */
  | { readonly id: number; readonly error: string; readonly malformed: boolean };
