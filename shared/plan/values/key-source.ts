// The URLs of a key source: where the key set or the metadata is, and the `issuer` that the metadata must name. Derived
// from the `iss` unless configured. RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4.

import type { ResolvedKeySource } from '../../config/config.ts'
import { metadataUrl, type MetadataDocument } from '../../keys/metadata-url.ts'
import { isSecureUrl } from '../../platform/secure-url.ts'
import type { JsonObject } from '../../token/strict-json.ts'
import { checkUrl, isNonEmptyString, type AddProblem } from './checks.ts'
import { TENANT } from './tenants.ts'

/** The URL of the metadata, derived from the issuer unless `url` is given, and the `issuer` that it must name. */
function deriveMetadata(
  discovery: MetadataDocument,
  source: JsonObject,
  issuer: string,
  path: string,
  addProblem: AddProblem,
): { readonly url: string; readonly metadataIssuer: string } {
  const { url, metadataIssuer = issuer } = source
  if (!isNonEmptyString(metadataIssuer)) addProblem(`${path}.metadataIssuer`, 'must be a non-empty string')
  if (url === undefined && issuer.includes(TENANT))
    addProblem(
      `${path}.url`,
      'is missing; where issuer has a {tenantid}, the address of the metadata must be given',
    )
  if (url === undefined && metadataIssuer !== issuer)
    addProblem(`${path}.url`, 'is missing; metadata of another issuer is not below this one')
  const derived = URL.canParse(issuer) ? metadataUrl(issuer, discovery) : ''
  if (url === undefined && URL.canParse(derived) && !isSecureUrl(new URL(derived)))
    addProblem(`${path}.url`, 'is missing; metadata below this issuer would not be fetched with https')
  return {
    url: url === undefined ? derived : checkUrl(url, `${path}.url`, addProblem),
    metadataIssuer: String(metadataIssuer),
  }
}

/** `source` with its URLs. `given`: `keys` as it is written. */
export function deriveKeySource(
  source: ResolvedKeySource,
  given: JsonObject,
  issuer: string,
  path: string,
  addProblem: AddProblem,
): ResolvedKeySource {
  const { discovery } = source
  if (discovery !== undefined)
    return { ...source, ...deriveMetadata(discovery, given, issuer, path, addProblem) }
  if (source.jwks_uri === undefined) return source
  const { jwks_uri: uri } = given
  return { ...source, jwks_uri: uri === undefined ? '' : checkUrl(uri, `${path}.jwks_uri`, addProblem) }
}
