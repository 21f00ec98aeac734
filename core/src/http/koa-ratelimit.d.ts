declare module 'koa-ratelimit' {
  import type { Context, Middleware, ParameterizedContext } from 'koa';

  interface Options<State> {
    driver: 'memory';
    db: Map<string, unknown>;
    /** Milliseconds. */
    duration: number;
    max: number;
    /** False: not limited. */
    id(context: ParameterizedContext<State, Context>): string | false;
    /** No X-RateLimit headers. */
    disableHeader?: boolean;
  }

  export default function ratelimit<State>(options: Options<State>): Middleware<State>;
}
