// Where an issuer is asked: at the URL that is configured, or at the one its metadata names. RFC 8414 section 2.
// What the metadata named is remembered as long as keys are; while it cannot be had, what is known is used.

import type { EndpointSource } from '../config/config.ts'
import { FRESHNESS } from '../keys/freshness.ts'
import { findInMetadata, type Fault } from '../keys/key-endpoint.ts'
import type { MetadataMember } from '../keys/metadata-url.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight } from '../platform/single-flight.ts'

export type FindEndpoint = (waitUntil?: WaitUntil) => Promise<URL | Fault>

/** Pause after metadata could not be had. */
const RETRY_MS = 1_000

/** `timeoutMs`: for one answer. */
export function createEndpointFinder(
  issuer: string,
  source: EndpointSource,
  name: MetadataMember,
  timeoutMs: number,
  ports: Ports,
): FindEndpoint {
  const { endpoint, discovery } = source
  if (discovery === undefined) return async () => new URL(endpoint)
  const flight = createSingleFlight<URL | Fault>(timeoutMs + 500)
  let known: URL | null = null
  let foundAt = Number.NEGATIVE_INFINITY
  let fault: Fault | null = null
  let failedAt = Number.NEGATIVE_INFINITY
  const isRecent = (since: number, ms: number): boolean => ports.now() >= since && ports.now() - since < ms
  /** While it cannot be had. */
  const fallBack = () => (known !== null && isRecent(foundAt, FRESHNESS.staleIfErrorMs) ? known : fault!)

  async function find(): Promise<URL | Fault> {
    const found = await findInMetadata(issuer, discovery!, name, ports.fetch, timeoutMs)
    if ('problem' in found) {
      fault = found
      failedAt = ports.now()
      return fallBack()
    }
    known = found
    foundAt = ports.now()
    return found
  }

  return async (waitUntil) => {
    if (known !== null && isRecent(foundAt, FRESHNESS.freshMs)) return known
    return isRecent(failedAt, RETRY_MS) ? fallBack() : flight.run('', find, waitUntil)
  }
}
