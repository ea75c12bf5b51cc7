// Checks of `resources`: the protected resources that this deployment is, each with its identifier and the paths
// below its own. RFC 9728 sections 1.2 and 2, RFC 8707 section 2.

import { bagAt, checkUrl, isText, type Report } from './checks.ts'
import { DEFAULTS, type ResolvedIssuer, type ResolvedResource, type ResolvedRoute } from './config.ts'
import { createShare } from '../routes/share.ts'
import { RESOURCE_WELL_KNOWN } from '../routes/published-paths.ts'
import { isWithin, reaches, stemOf } from '../routes/resource-path.ts'
import { findTargetProblem, undoNeedlessEscapes, upperCaseEscapes } from '../routes/target.ts'

/** Every resource that some path of a template belongs to: within one of them, those around it play no part. */
function resourcesOf(template: string, resources: readonly ResolvedResource[]): readonly ResolvedResource[] {
  const reached = resources.filter((resource) => reaches(template, resource))
  const within = reached.filter((resource) => isWithin(template, resource))
  const deepest = Math.max(0, ...within.map(({ path }) => stemOf(path).length))
  return reached.filter(({ path }) => stemOf(path).length >= deepest)
}

function checkDocumentation(value: unknown, path: string, report: Report): string | null {
  return value === undefined ? null : checkUrl(value, path, report)
}

function checkResource(
  given: unknown,
  path: string,
  issuers: readonly ResolvedIssuer[],
  report: Report,
): ResolvedResource {
  const bag = bagAt(given, path, report, ['identifier', 'name', 'documentation'])
  const identifier = checkUrl(bag['identifier'], `${path}.identifier`, report)
  if (identifier.includes('?')) report(`${path}.identifier`, 'must not have a query')
  if (bag['name'] !== undefined && !isText(bag['name'])) report(`${path}.name`, 'must be a text')
  const url = URL.canParse(identifier) ? new URL(identifier) : null
  const plain = url === null || url.pathname === '/' ? '' : url.pathname
  if (
    url !== null &&
    ![`${url.origin}${plain}`, `${url.origin}/`].includes(identifier) &&
    !identifier.includes('?')
  )
    report(`${path}.identifier`, 'has a path that is written in another way than it is read')
  const problem = plain === '' ? null : findTargetProblem(plain, DEFAULTS.limits.maxPathBytes)
  if (problem !== null || undoNeedlessEscapes(upperCaseEscapes(plain)) !== upperCaseEscapes(plain))
    report(`${path}.identifier`, `has a path of no request: ${problem ?? 'needless escape'} (docs/routes.md)`)
  const authorizationServers = issuers.filter(({ audiences }) => audiences.has(identifier))
  if (identifier !== '' && issuers.length > 0 && authorizationServers.length === 0)
    report(`${path}.identifier`, 'is in the audience of no issuer, so that no token would be for it')
  return {
    identifier,
    path: plain,
    metadataUrl: url === null ? '' : `${url.origin}${RESOURCE_WELL_KNOWN}${plain}`,
    authorizationServers: authorizationServers.map(({ issuer }) => issuer),
    name: isText(bag['name']) ? bag['name'] : null,
    documentation: checkDocumentation(bag['documentation'], `${path}.documentation`, report),
  }
}

export function checkResources(
  value: unknown,
  issuers: readonly ResolvedIssuer[],
  report: Report,
): readonly ResolvedResource[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    report('resources', 'must be a list of at least one resource')
    return []
  }
  const resources = value.map((given: unknown, index) =>
    checkResource(given, `resources[${index}]`, issuers, report),
  )
  for (const [index, { path, identifier }] of resources.entries())
    if (identifier !== '' && resources.slice(0, index).some((other) => stemOf(other.path) === stemOf(path)))
      report(`resources[${index}].identifier`, 'has the path of an earlier resource')
  return resources
}

/** Gives every route the resources that it reaches into. */
export function assignResources(
  routes: readonly ResolvedRoute[],
  resources: readonly ResolvedResource[],
): readonly ResolvedRoute[] {
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
