// What is derived from the identifiers of resources: their paths, where their metadata is, which issuers issue tokens for
// them, and the resources of each route. Refuses an identifier that is in no audience and two with the same path.
// RFC 9728 sections 1.2, 2 and 3.1, RFC 8707 section 2.

import type { ResolvedIssuer, ResolvedResource } from '../../config/config.ts'
import { RESOURCE_WELL_KNOWN } from '../../routes/published-paths.ts'
import { isWithin, reaches, stemOf } from '../../routes/resource-path.ts'
import { createShare } from '../../routes/share.ts'
import { findTargetProblem, undoNeedlessEscapes, upperCaseEscapes } from '../../routes/target.ts'
import type { JsonObject } from '../../token/strict-json.ts'
import { checkUrl, isNonEmptyString, type AddProblem } from './checks.ts'

/** The default of `limits.maxPathBytes`. */
export const USUAL_MAX_PATH_BYTES = 4_096

/** `given`: the resource as it is written. */
export function deriveResource(
  given: JsonObject,
  path: string,
  issuers: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): ResolvedResource {
  const { name, documentation } = given
  const identifier = checkUrl(given['identifier'], `${path}.identifier`, addProblem)
  if (identifier.includes('?')) addProblem(`${path}.identifier`, 'must not have a query')
  const url = URL.canParse(identifier) ? new URL(identifier) : null
  const plain = url === null || url.pathname === '/' ? '' : url.pathname
  if (
    url !== null &&
    ![`${url.origin}${plain}`, `${url.origin}/`].includes(identifier) &&
    !identifier.includes('?')
  )
    addProblem(`${path}.identifier`, 'has a path that URL parsers write in another way')
  const problem = plain === '' ? null : findTargetProblem(plain, USUAL_MAX_PATH_BYTES)
  if (problem !== null || undoNeedlessEscapes(upperCaseEscapes(plain)) !== upperCaseEscapes(plain))
    addProblem(
      `${path}.identifier`,
      `has a path that no request has: ${problem ?? 'needless escape'} (docs/routes.md)`,
    )
  return {
    identifier,
    path: plain,
    metadataUrl: url === null ? '' : `${url.origin}${RESOURCE_WELL_KNOWN}${plain}`,
    authorizationServers: issuers
      .filter(({ audiences }) => audiences.has(identifier))
      .map(({ issuer }) => issuer),
    name: isNonEmptyString(name) ? name : null,
    documentation:
      documentation === undefined ? null : checkUrl(documentation, `${path}.documentation`, addProblem),
  }
}

/** Every resource must be in the audience of an issuer. */
export function checkAudiences(
  resources: readonly ResolvedResource[],
  issuers: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): void {
  for (const [index, { identifier, authorizationServers }] of resources.entries())
    if (identifier !== '' && issuers.length > 0 && authorizationServers.length === 0)
      addProblem(
        `resources[${index}].identifier`,
        'is in the audience of no issuer, so no token would be for it',
      )
}

/** No two resources may have the same path. */
export function checkPaths(resources: readonly ResolvedResource[], addProblem: AddProblem): void {
  for (const [index, { path, identifier }] of resources.entries())
    if (identifier !== '' && resources.slice(0, index).some((other) => stemOf(other.path) === stemOf(path)))
      addProblem(`resources[${index}].identifier`, 'has the path of an earlier resource')
}

/** Resources to which a path of the template may belong. A path in a resource does not belong to those around it. */
function resourcesOf(template: string, resources: readonly ResolvedResource[]): readonly ResolvedResource[] {
  const reached = resources.filter((resource) => reaches(template, resource))
  const within = reached.filter((resource) => isWithin(template, resource))
  const deepest = Math.max(0, ...within.map(({ path }) => stemOf(path).length))
  return reached.filter(({ path }) => stemOf(path).length >= deepest)
}

/** The routes, each with the resources to which its paths may belong. */
export function assignResources<
  Route extends { readonly path: string; readonly resources: readonly ResolvedResource[] },
>(routes: readonly Route[], resources: readonly ResolvedResource[]): readonly Route[] {
  if (resources.length === 0) return routes
  const share = createShare()
  return routes.map((route) => {
    const reached = resourcesOf(route.path, resources)
    return {
      ...route,
      resources: share(reached, JSON.stringify(reached.map(({ identifier }) => identifier))),
    }
  })
}
