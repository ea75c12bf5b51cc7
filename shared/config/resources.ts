// `resources`: the protected resources of this deployment, each with its identifier and every path below it.
// RFC 9728 sections 1.2 and 2, RFC 8707 section 2.

import { isWithin, reaches, stemOf } from '../routes/resource-path.ts'
import { createShare } from '../routes/share.ts'
import { findTargetProblem, undoNeedlessEscapes, upperCaseEscapes } from '../routes/target.ts'
import { RESOURCE_WELL_KNOWN } from '../routes/published-paths.ts'
import { checkUrl, isNonEmptyString, objectAt, type AddProblem } from './checks.ts'
import type { ResolvedIssuer } from './issuers/issuer.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Meanings } from './meaning.ts'

/** A protected resource of this deployment (RFC 9728), whose metadata the Worker serves. API Gateway serves none. */
export interface ResourceConfig {
  /** `resource`: its URL as clients know it, without a query; in the audience of an issuer. Covers every path below. */
  readonly identifier: string
  /** `resource_name`, for people. Default: none. */
  readonly name?: string
  /** `resource_documentation`: URL of a page for developers. Default: none. */
  readonly documentation?: string
}

/** A resource, with what is derived from its identifier and from the issuers. */
export interface ResolvedResource {
  readonly identifier: string
  /** Path of the identifier; `''` for the whole host. */
  readonly path: string
  /** Where its metadata is: `/.well-known/oauth-protected-resource` before its path. RFC 9728 section 3.1. */
  readonly metadataUrl: string
  /** Exact `iss` of every issuer that has the identifier in its audience. */
  readonly authorizationServers: readonly string[]
  readonly name: string | null
  readonly documentation: string | null
}

export const resourceMeanings = (): Meanings<keyof ResourceConfig> => ({
  identifier: {
    absent: 'required',
    meaning: 'URL of the API as clients know it; in the audience of an issuer. It covers every path below it',
  },
  name: { absent: 'absent', meaning: 'for people' },
  documentation: { absent: 'absent', meaning: 'URL of a page for developers' },
})

/** Resources to which a path of the template may belong. A path in a resource does not belong to those around it. */
function resourcesOf(template: string, resources: readonly ResolvedResource[]): readonly ResolvedResource[] {
  const reached = resources.filter((resource) => reaches(template, resource))
  const within = reached.filter((resource) => isWithin(template, resource))
  const deepest = Math.max(0, ...within.map(({ path }) => stemOf(path).length))
  return reached.filter(({ path }) => stemOf(path).length >= deepest)
}

function checkDocumentation(value: unknown, path: string, addProblem: AddProblem): string | null {
  return value === undefined ? null : checkUrl(value, path, addProblem)
}

function checkResource(
  given: unknown,
  path: string,
  issuers: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): ResolvedResource {
  const object = objectAt(given, path, addProblem, ['identifier', 'name', 'documentation'])
  const identifier = checkUrl(object['identifier'], `${path}.identifier`, addProblem)
  if (identifier.includes('?')) addProblem(`${path}.identifier`, 'must not have a query')
  if (object['name'] !== undefined && !isNonEmptyString(object['name']))
    addProblem(`${path}.name`, 'must be a non-empty string')
  const url = URL.canParse(identifier) ? new URL(identifier) : null
  const plain = url === null || url.pathname === '/' ? '' : url.pathname
  if (
    url !== null &&
    ![`${url.origin}${plain}`, `${url.origin}/`].includes(identifier) &&
    !identifier.includes('?')
  )
    addProblem(`${path}.identifier`, 'has a path that URL parsers write in another way')
  const problem = plain === '' ? null : findTargetProblem(plain, DEFAULT_LIMITS.maxPathBytes)
  if (problem !== null || undoNeedlessEscapes(upperCaseEscapes(plain)) !== upperCaseEscapes(plain))
    addProblem(
      `${path}.identifier`,
      `has a path that no request has: ${problem ?? 'needless escape'} (docs/routes.md)`,
    )
  const authorizationServers = issuers.filter(({ audiences }) => audiences.has(identifier))
  if (identifier !== '' && issuers.length > 0 && authorizationServers.length === 0)
    addProblem(`${path}.identifier`, 'is in the audience of no issuer, so no token would be for it')
  return {
    identifier,
    path: plain,
    metadataUrl: url === null ? '' : `${url.origin}${RESOURCE_WELL_KNOWN}${plain}`,
    authorizationServers: authorizationServers.map(({ issuer }) => issuer),
    name: isNonEmptyString(object['name']) ? object['name'] : null,
    documentation: checkDocumentation(object['documentation'], `${path}.documentation`, addProblem),
  }
}

export function checkResources(
  value: unknown,
  issuers: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): readonly ResolvedResource[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    addProblem('resources', 'must be a list of at least one resource')
    return []
  }
  const resources = value.map((given: unknown, index) =>
    checkResource(given, `resources[${index}]`, issuers, addProblem),
  )
  for (const [index, { path, identifier }] of resources.entries())
    if (identifier !== '' && resources.slice(0, index).some((other) => stemOf(other.path) === stemOf(path)))
      addProblem(`resources[${index}].identifier`, 'has the path of an earlier resource')
  return resources
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
