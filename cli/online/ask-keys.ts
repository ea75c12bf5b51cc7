// Asks an issuer for its metadata and key set with the code of an edge, and says what an edge would make of the answers.
// RFC 8414 section 3.3; OpenID Connect Discovery 1.0 section 4.3; RFC 7517 section 5.

import {
  fetchKeySet,
  FRESHNESS,
  KEY_TYPES,
  readKeySet,
  type Fault,
  type PublicKeyIssuer,
  type ResolvedIssuer,
} from '../../shared/compiler.ts'
import { isJsonObject, parseJsonObject } from '../../shared/edge.ts'
import { webCrypto } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import type { DeploymentFinding, Find } from '../deployment-finding.ts'
import { checkExchanges, toAsked } from './exchange-findings.ts'
import { checkKeySet } from './key-findings.ts'
import { observeFetch, type Exchange } from './observed-fetch.ts'
import { NOTHING, quoted, type IssuerAnswers } from './online-document.ts'

const MAX_DEPTH = 12

/** A member of the metadata that was read, which is foreign text. */
function statedIn(exchange: Exchange | undefined, name: string): unknown {
  const parsed = parseJsonObject(Uint8Array.from(exchange?.body() ?? []), MAX_DEPTH)
  return 'problem' in parsed || !isJsonObject(parsed.value) ? undefined : parsed.value[name]
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** How two issuers differ, where that is easily overlooked. */
function hintOf(stated: string, configured: string): string {
  if (stated.replace(/\/$/, '') === configured.replace(/\/$/, ''))
    return ' (they differ in the slash at the end)'
  return stated.toLowerCase() === configured.toLowerCase() ? ' (they differ in case)' : ''
}

function describeIssuer({ issuer, keys, profile }: PublicKeyIssuer, metadata: Exchange | undefined): string {
  const metadataIssuer = keys.source.discovery === undefined ? '' : keys.source.metadataIssuer
  const stated = statedIn(metadata, 'issuer')
  if (stated !== metadataIssuer || profile.idTokensHaveMetadataIssuer !== true) {
    if (!isText(stated)) return 'the metadata states no issuer'
    return `the metadata is that of the issuer ${quoted(stated)}, and ${quoted(metadataIssuer)} is configured${hintOf(stated, metadataIssuer)}`
  }
  const other = statedIn(metadata, 'access_token_issuer')
  return `the access_token_issuer of the metadata is ${isText(other) ? quoted(other) : 'absent'}, and ${quoted(issuer)} is configured`
}

/** Why an edge has no keys, in words. */
function describeFault(
  { problem, status }: Fault,
  issuer: PublicKeyIssuer,
  exchanges: readonly Exchange[],
): string {
  const last = exchanges.at(-1)
  const { timeoutMs } = issuer.keys
  const code = last?.connectionProblem
  const texts: Readonly<Record<Fault['problem'], string>> = {
    no_answer: `cannot be reached${code == null ? '' : ` (${code})`}`,
    timeout: `gave no whole answer within ${timeoutMs} ms`,
    redirect: `answers with a redirect (status ${status}), which an edge does not follow; configure the address that it leads to`,
    encoding: 'has a content coding that no edge decodes',
    too_large: 'is larger than an edge reads (262144 bytes)',
    status: `answers with the status ${status}`,
    malformed: 'is no JSON object of the expected form, or has a member twice',
    metadata_issuer: describeIssuer(issuer, exchanges[0]),
    metadata_member: 'has no URL that an edge may fetch',
    metadata_jwks_uri: 'has no jwks_uri that an edge may fetch: https, as the metadata itself',
    no_keys: 'has no key',
    too_many_keys: 'has more keys than an edge reads (100)',
  }
  const subject = problem === 'metadata_issuer' || last === undefined ? '' : `${quoted(last.url)} `
  return `${subject}${texts[problem]}; no token of this issuer is accepted until that is right`
}

const seconds = (ms: number): number => ms / 1_000

/** What caches do to a key set. An edge keeps it for its own time, whatever the fields say. */
function checkCaches({ fields }: Exchange, find: Find): void {
  const age = /^\d{1,9}$/.test(fields.age ?? '') ? Number(fields.age) : 0
  const fresh = seconds(FRESHNESS.freshMs)
  if (age > fresh)
    find(
      'warning',
      `a cache in front of the key set has kept it for ${age} s: a new key, or a withdrawn one, is seen that much later than the ${fresh} s after which an edge asks again; have the cache keep it for less`,
    )
  const [, maxAge] = /(?:^|[\s,])(?:s-maxage|max-age)="?(\d{1,9})/i.exec(fields['cache-control'] ?? '') ?? []
  if (maxAge !== undefined && Number(maxAge) > seconds(FRESHNESS.staleIfErrorMs))
    find(
      'note',
      `its Cache-Control lets caches keep the key set for ${maxAge} s; an edge asks again after ${fresh} s and keeps it for at most ${seconds(FRESHNESS.staleIfErrorMs)} s, but a cache in between need not`,
    )
}

/** `tenants`: the issuers of one entry of the configuration, which share their keys. */
export async function askKeys(tenants: readonly ResolvedIssuer[], io: CommandIo): Promise<IssuerAnswers> {
  const [first] = tenants
  const { name, keys } = first!
  const setting = `issuers.${name}.keys`
  if (keys.secret !== undefined)
    return { ...NOTHING, notAsked: [{ setting, because: 'a shared secret has no address' }] }
  const { source } = keys
  if (source.jwks !== undefined)
    return source.jwks.keys.length === 0
      ? NOTHING
      : { ...NOTHING, notAsked: [{ setting, because: 'the keys are in the configuration' }] }
  if (source.jwksSecret !== undefined)
    return { ...NOTHING, notAsked: [{ setting, because: 'the keys are in a secret of the edge' }] }
  const issuer: PublicKeyIssuer = { ...first!, keys }
  const findings: DeploymentFinding[] = []
  const find: Find = (severity, message) => void findings.push({ severity, subject: setting, message })
  const observed = observeFetch(io)
  const answer = await fetchKeySet(issuer, { fetch: observed.fetch, now: io.now })
  const { exchanges } = observed
  const kinds = source.discovery === undefined ? (['keys'] as const) : (['metadata', 'keys'] as const)
  const asked = toAsked(name, exchanges, kinds, keys.timeoutMs, io.now())
  checkExchanges(first!, exchanges, asked, find)
  if ('problem' in answer) {
    find('problem', describeFault(answer, issuer, exchanges))
    return { ...NOTHING, asked, findings }
  }
  checkCaches(exchanges.at(-1)!, find)
  const set = await readKeySet(answer.keys, {
    allowed: keys.algorithms,
    keyTypes: KEY_TYPES,
    crypto: webCrypto,
  })
  checkKeySet(set, answer.keys, tenants, issuer, find)
  const found = {
    issuer: name,
    published: answer.keys.length,
    usable: set.keys.map(({ kid, verifiers }) => ({ kid, algorithms: [...verifiers.keys()] })),
    refused: set.refused.map(({ kid, problem }) => ({ kid, problem })),
  }
  return { ...NOTHING, asked, keys: [found], findings }
}
