// Types for the part of dynalite that the tests use. The package has none.

declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** `createTableMs`: how long a new table cannot be used yet, in milliseconds. */
  export default function dynalite(options?: { createTableMs?: number }): Server
}
