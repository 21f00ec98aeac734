declare module 'dcmjs/dictionary' {
  /** Keyed by `(gggg,eeee)`; repeating groups and private entries have other forms of key. */
  export const dictionary: Record<string, { tag?: string; vr?: string; name?: string; vm?: string; version?: string }>;
}
