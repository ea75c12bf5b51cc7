// Finds an endpoint of an issuer: the configured URL, or the one in its metadata (RFC 8414 section 2). A URL from
// metadata is cached for as long as keys are. While the metadata cannot be fetched, the last URL is used for as long as
// keys are.

import type { EndpointSource } from '../config/config.ts'
import { FRESHNESS } from '../keys/freshness.ts'
import { findInMetadata, type Fault } from '../keys/key-endpoint.ts'
import type { MetadataMember } from '../keys/metadata-url.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight } from '../platform/single-flight.ts'

export type FindEndpoint = (waitUntil?: WaitUntil) => Promise<URL | Fault>

/** Pause after a failed fetch of metadata. */
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
  /** The result while the metadata cannot be fetched. */
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
