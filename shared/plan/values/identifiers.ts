// `issuers.NAME.issuer`, `audience` and `clients`: the `iss` of the tokens, and for which API and clients they are
// issued. RFC 8414 section 2, RFC 9068 section 4.

import { endsAs, type Profile } from '../../token/profiles/profile.ts'
import type { JsonObject } from '../../token/strict-json.ts'
import { checkStrings, checkUrl, isNonEmptyString, type AddProblem } from './checks.ts'

export function checkIss(value: unknown, profile: Profile, path: string, addProblem: AddProblem): string {
  // The `iss` of AD FS access tokens has the scheme http; nothing is ever fetched from it.
  const isIdentifierAlone = profile.idTokensHaveMetadataIssuer === true && isNonEmptyString(value)
  const issuer = isIdentifierAlone ? value : checkUrl(value, path, addProblem)
  if (isIdentifierAlone) checkUrl(value.replace(/^http:/, 'https:'), path, addProblem)
  if (issuer.includes('?')) addProblem(path, 'must not have a query (RFC 8414 section 2)')
  const { issuerEnding, name } = profile
  if (issuer !== '' && !endsAs(issuer, profile))
    addProblem(path, `must end with ${issuerEnding}, as the iss of every access token of ${name} does`)
  return issuer
}

export function checkAudience(
  given: JsonObject,
  issuer: string,
  profile: Profile,
  path: string,
  addProblem: AddProblem,
) {
  const { audience } = given
  const clients =
    given['clients'] === undefined
      ? null
      : new Set(checkStrings(given['clients'], `${path}.clients`, addProblem))
  if (audience === undefined && profile.audience === 'clients') {
    if (clients === null)
      addProblem(
        `${path}.clients`,
        `is missing; tokens of ${profile.name} name no audience, so their clients have to be listed`,
      )
    return { audiences: new Set<string>(), clients }
  }
  const texts = checkStrings(
    typeof audience === 'string' ? [audience] : audience,
    `${path}.audience`,
    addProblem,
  )
  if (texts.includes(issuer))
    addProblem(`${path}.audience`, 'is the issuer itself, which is not the audience of an API')
  const generic = texts.find((text) => profile.genericAudiences.includes(text))
  if (generic !== undefined)
    addProblem(
      `${path}.audience`,
      `has ${JSON.stringify(generic)}, which says nothing about this API in a token of ${profile.name}`,
    )
  return { audiences: new Set(texts), clients }
}
