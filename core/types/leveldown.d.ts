/** What Filmless uses of leveldown 6: LevelDB, as an implementation of abstract-leveldown. */
declare module 'leveldown' {
  namespace leveldown {
    type Callback = (error?: Error | null) => void;

    /** The hooks of abstract-leveldown that write. */
    interface LevelDown {
      _put(key: unknown, value: unknown, options: object, callback: Callback): void;
      _del(key: unknown, options: object, callback: Callback): void;
      _batch(operations: readonly unknown[], options: object, callback: Callback): void;
    }
  }

  interface Leveldown {
    (location: string): leveldown.LevelDown;
    destroy(location: string, callback: leveldown.Callback): void;
  }

  const leveldown: Leveldown;
  export = leveldown;
}
