// Fetches the keys of issuers with `keys.bundled` for `lanekeeper build`, and checks them as an edge would. What cannot
// be used is left out; without one usable key the build fails. No edge imports this. RFC 7517 section 5; RFC 7638.

import { encode as toBase64url } from 'jose/base64url'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import type { CoreConfig, ResolvedIssuer } from '../config/config.ts'
import type { ConfigProblem } from '../plan/config-error.ts'
import type { PlannedKey, PlannedKeySet, PlannedKeySets } from '../plan/plan.ts'
import type { Ports } from '../platform/ports.ts'
import { webCrypto } from '../platform/web-crypto.ts'
import { fetchKeySet, type Fault, type PublicKeyIssuer } from './key-endpoint.ts'
import { problemsOf, readKeySet, type KeySet, type UsableKey } from './key-set.ts'
import { KEY_TYPES } from './key-types/all.ts'

/** A key that was put into the plan, for people to compare. */
export interface BundledKey {
  readonly issuer: string
  readonly kid: string | null
  /** With SHA-256, in base64url (RFC 7638). */
  readonly thumbprint: string
  readonly algorithms: readonly string[]
}

/** What `bundleKeys` returns. With problems, the plan must not be deployed. */
export interface BundledKeys {
  /** `bundledKeys` of the plan; absent where no issuer has `keys.bundled`. */
  readonly bundledKeys?: PlannedKeySets
  readonly keys: readonly BundledKey[]
  readonly problems: readonly ConfigProblem[]
}

async function toPlannedKey({ kid, issuer, material, verifiers }: UsableKey): Promise<PlannedKey> {
  const [key] = verifiers.values()
  const spki = await crypto.subtle.exportKey('spki', key as CryptoKey)
  return { kid, issuer, material, spki: toBase64url(new Uint8Array(spki)), algorithms: [...verifiers.keys()] }
}

const describeFault = ({ problem, host, status }: Fault): string =>
  `cannot be fetched from ${host}: ${problem}${status === undefined ? '' : ` (status ${status})`}`

const describeUnusable = (set: KeySet): string =>
  `has no usable key; the issuer publishes: ${problemsOf(set).join(', ')}`

/** The keys of one issuer, or why it has none that may be used. */
async function fetchKeys(
  issuer: PublicKeyIssuer,
  ports: Pick<Ports, 'fetch' | 'now'>,
): Promise<PlannedKeySet | string> {
  const { source, algorithms } = issuer.keys
  const { address, metadataIssuer } =
    source.discovery === undefined
      ? { address: source.jwks_uri ?? '', metadataIssuer: '' }
      : { address: source.url, metadataIssuer: source.metadataIssuer }
  // A setting may be open until the edge starts.
  if (!URL.canParse(address) || (address + metadataIssuer).includes('${env:'))
    return 'needs the address of the keys when it is built: give its variables to the build'
  const fetchedAt = ports.now()
  const answer = await fetchKeySet(issuer, ports)
  if ('problem' in answer) return describeFault(answer)
  const reading = { allowed: algorithms, keyTypes: KEY_TYPES, crypto: webCrypto }
  const set = await readKeySet(answer.keys, reading)
  if (set.keys.length === 0) return describeUnusable(set)
  return { fetchedAt, keys: await Promise.all(set.keys.map(toPlannedKey)) }
}

/** The issuers whose keys are bundled. Tenants of one entry share their keys. */
function bundledIssuers({ issuers }: Pick<CoreConfig, 'issuers'>): readonly PublicKeyIssuer[] {
  const byName = new Map<string, PublicKeyIssuer>()
  for (const issuer of issuers.values()) {
    const { name, keys }: ResolvedIssuer = issuer
    if (keys.secret === undefined && keys.bundledMaxAgeMs !== undefined) byName.set(name, { ...issuer, keys })
  }
  return [...byName.values()]
}

/**
 * Fetches the keys of every issuer with `keys.bundled`. Sends no request where none has it. Never throws: that keys
 * cannot be fetched, or that none may be used, is a problem of `issuers.NAME.keys.bundled`.
 */
export async function bundleKeys(
  config: Pick<CoreConfig, 'issuers'>,
  ports: Pick<Ports, 'fetch' | 'now'>,
): Promise<BundledKeys> {
  const sets: Record<string, PlannedKeySet> = {}
  const keys: BundledKey[] = []
  const problems: ConfigProblem[] = []
  const issuers = bundledIssuers(config)
  const results = await Promise.all(issuers.map((issuer) => fetchKeys(issuer, ports)))
  for (const [index, result] of results.entries()) {
    const { name } = issuers[index]!
    if (typeof result === 'string') {
      problems.push({ path: `issuers.${name}.keys.bundled`, message: result })
      continue
    }
    sets[name] = result
    for (const { kid, material, algorithms } of result.keys)
      keys.push({
        issuer: name,
        kid,
        thumbprint: await calculateJwkThumbprint(JSON.parse(material)),
        algorithms,
      })
  }
  return { ...(issuers.length === 0 ? {} : { bundledKeys: sets }), keys, problems }
}
