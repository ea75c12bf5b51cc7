// The values of `introspection`, `check` and `userinfo`: the URL of the endpoint, the client_id and the accepted clients.

import type { EndpointSource, ResolvedIssuer, ResolvedUserinfo } from '../../config/config.ts'
import { isJsonObject, type JsonObject } from '../../token/strict-json.ts'
import { checkStrings, checkUrl, isNonEmptyString, type AddProblem } from './checks.ts'

type Reader = NonNullable<ResolvedIssuer['opaque']['reader']>

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

function deriveEndpoint(
  source: EndpointSource,
  { endpoint }: JsonObject,
  path: string,
  addProblem: AddProblem,
): EndpointSource {
  if (source.endpoint === undefined) return source
  return { endpoint: endpoint === undefined ? '' : checkUrl(endpoint, `${path}.endpoint`, addProblem) }
}

/** A reader with its values, and the apps of `check`, which take the place of the audience. */
export interface DerivedReader {
  readonly reader: Reader
  readonly apps: readonly string[]
}

/** `given`: the issuer as it is written. `path`: of the issuer. */
export function deriveReader(
  reader: Reader,
  given: JsonObject,
  path: string,
  addProblem: AddProblem,
): DerivedReader {
  const at = `${path}.${reader.kind}`
  const settings = objectOf(given[reader.kind])
  const { clientId, clients, baseUrl: url } = settings
  if (reader.kind === 'check') {
    const listed = isNonEmptyString(clientId) ? [clientId] : clientId
    const apps = checkStrings(listed, `${at}.clientId`, addProblem)
    const baseUrl = url === undefined ? reader.baseUrl : checkUrl(url, `${at}.baseUrl`, addProblem)
    if (/[?]|\/$/.test(baseUrl)) addProblem(`${at}.baseUrl`, 'must not have a query or end with "/"')
    return { apps, reader: { ...reader, clientId: apps[0] ?? '', baseUrl } }
  }
  const derived = {
    ...reader,
    source: deriveEndpoint(reader.source, settings, at, addProblem),
    clientId: isNonEmptyString(clientId) ? clientId : 'none',
    clients: clients === undefined ? null : new Set(checkStrings(clients, `${at}.clients`, addProblem)),
  }
  return { apps: [], reader: derived }
}

export const deriveUserinfo = (
  userinfo: ResolvedUserinfo,
  given: JsonObject,
  path: string,
  addProblem: AddProblem,
): ResolvedUserinfo => ({
  ...userinfo,
  source: deriveEndpoint(userinfo.source, objectOf(given['userinfo']), `${path}.userinfo`, addProblem),
})
