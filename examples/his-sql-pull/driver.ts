/** An open database. */
export interface Database extends AsyncDisposable {
  /** The rows of a query with `:name` parameters, as they come: never all of them in memory. */
  rows(
    sql: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncIterable<Readonly<Record<string, unknown>>>;
}

/** What a module named as `driver` exports. */
export interface Driver {
  connect(connection: Readonly<Record<string, unknown>>): Promise<Database>;
}
