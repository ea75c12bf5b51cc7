// The values of `origin`: its URL, and `iss` and `aud` of its assertions. RFC 7519 sections 4.1.1 and 4.1.3.

import type { ResolvedConfig } from '../../config/config.ts'
import { isJsonObject, type JsonObject } from '../../token/strict-json.ts'
import { checkUrl, isNonEmptyString, type AddProblem } from './checks.ts'

type Origin = NonNullable<ResolvedConfig['origin']>

/** An origin before its values are known. */
export interface OriginTemplate {
  /** `url`, and `issuer` and `audience` of `assertion`, as they are written. */
  readonly given: JsonObject
  /** The rest. The members of values are empty. */
  readonly structure: Origin
}

export function deriveOrigin({ given, structure }: OriginTemplate, addProblem: AddProblem): Origin {
  const { url, assertion } = given
  if (url !== undefined) {
    const text = checkUrl(url, 'origin.url', addProblem)
    if (URL.canParse(text) && (new URL(text).pathname !== '/' || text.includes('?')))
      addProblem('origin.url', 'must be an origin without path and query; requests keep their own')
  }
  const origin = isNonEmptyString(url) && URL.canParse(url) ? new URL(url).origin : null
  if (structure.assertion === null) return { ...structure, url: origin }
  const path = 'origin.assertion'
  const values = isJsonObject(assertion) ? assertion : {}
  const audience = values['audience'] ?? origin
  if (!isNonEmptyString(audience))
    addProblem(
      `${path}.audience`,
      audience === null ? 'is missing; only origin.url is a default for it' : 'must be a non-empty string',
    )
  const issuer = checkUrl(values['issuer'], `${path}.issuer`, addProblem)
  return {
    ...structure,
    url: origin,
    assertion: { ...structure.assertion, issuer, audience: String(audience) },
  }
}
