// Checks of `issuers.NAME.keys`: where the public keys of an issuer come from, and what its metadata has to say.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5.

import { MAX_KEYS, metadataUrl } from '../keys/key-endpoint.ts'
import { findKeyProblem } from '../keys/key-set.ts'
import { isSecureUrl } from '../secure-url.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { bagAt, checkOneOf, checkUrl, isBag, isText, type Bag, type Report } from './checks.ts'
import type { ResolvedKeySource } from './config.ts'
import { TENANT } from './tenants.ts'

/** Metadata at its place below the issuer, or where `url` says; and the `issuer` that it has to name. */
function checkDiscovery(source: Bag, issuer: string, path: string, report: Report): ResolvedKeySource {
  const documents = ['openid-configuration', 'oauth-authorization-server'] as const
  const discovery = checkOneOf(source['discovery'], `${path}.discovery`, documents, report)
  const { url, metadataIssuer = issuer } = source
  if (!isText(metadataIssuer)) report(`${path}.metadataIssuer`, 'must be a non-empty string')
  if (url === undefined && issuer.includes(TENANT))
    report(
      `${path}.url`,
      'is missing; where issuer has a {tenantid}, the address of the metadata must be given',
    )
  if (url === undefined && metadataIssuer !== issuer)
    report(`${path}.url`, 'is missing; metadata of another issuer is not below this one')
  const derived = URL.canParse(issuer) ? metadataUrl(issuer, discovery) : ''
  if (url === undefined && URL.canParse(derived) && !isSecureUrl(new URL(derived)))
    report(`${path}.url`, 'is missing; metadata below this issuer would not be fetched with https')
  return {
    discovery,
    url: url === undefined ? derived : checkUrl(url, `${path}.url`, report),
    metadataIssuer: String(metadataIssuer),
  }
}

const KEY_SOURCES = ['discovery', 'jwks_uri', 'jwks']

/** Where the keys are, with every address worked out. */
export function checkKeySource(
  value: unknown,
  issuer: string,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  path: string,
  report: Report,
): ResolvedKeySource {
  const source = bagAt(value, path, report, [...KEY_SOURCES, 'url', 'metadataIssuer'])
  const given = KEY_SOURCES.filter((name) => source[name] !== undefined)
  if (isBag(value) && given.length !== 1)
    report(path, 'must have exactly one of discovery, jwks_uri and jwks')
  for (const name of ['url', 'metadataIssuer']) {
    if (source[name] !== undefined && source['discovery'] === undefined)
      report(`${path}.${name}`, 'belongs to discovery')
  }
  if (source['discovery'] !== undefined) return checkDiscovery(source, issuer, path, report)
  if (source['jwks'] !== undefined) {
    const keys = bagAt(source['jwks'], `${path}.jwks`, report, ['keys'])['keys']
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
      report(`${path}.jwks.keys`, `must be a list of 1 to ${MAX_KEYS} JSON Web Keys`)
      return { jwks: { keys: [] } }
    }
    for (const [index, key] of keys.entries()) {
      const problem = findKeyProblem(key, algorithms)
      if (problem !== null) report(`${path}.jwks.keys[${index}]`, `cannot be used: ${problem}`)
      const same = (other: unknown) =>
        isBag(key) && isBag(other) && key['kid'] !== undefined && key['kid'] === other['kid']
      if (keys.slice(0, index).some(same)) {
        report(`${path}.jwks.keys[${index}].kid`, 'is the kid of an earlier key')
      }
    }
    return { jwks: { keys } }
  }
  return {
    jwks_uri:
      source['jwks_uri'] === undefined ? '' : checkUrl(source['jwks_uri'], `${path}.jwks_uri`, report),
  }
}
