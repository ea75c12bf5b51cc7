// Checks of `resources`: the protected resources that this deployment is, each with its identifier and the routes
// below its path. RFC 9728 sections 1.2 and 2, RFC 8707 section 2.

import { bagAt, checkUrl, isText, type Report } from './checks.ts'
import type { ResolvedIssuer, ResolvedResource, ResolvedRoute } from './config.ts'

/** Where metadata is found: this, and the path of the resource after it. RFC 9728 section 3. */
export const RESOURCE_WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Whether a template lies at or below the path of a resource. `''` is the whole host. */
const covers = (resourcePath: string, template: string): boolean =>
  template.startsWith('/') && `${template}/`.startsWith(`${resourcePath.replace(/\/$/, '')}/`)

/** The resource whose path is the longest that covers the template. */
export const resourceOf = (
  template: string,
  resources: readonly ResolvedResource[],
): ResolvedResource | null =>
  resources
    .filter(({ path }) => covers(path, template))
    .toSorted((a, b) => b.path.length - a.path.length)[0] ?? null

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
    if (identifier !== '' && resources.slice(0, index).some((other) => other.path === path))
      report(`resources[${index}].identifier`, 'has the path of an earlier resource')
  return resources
}

/** Gives every route its resource, and refuses a rule that would hide the metadata of one. */
export function assignResources(
  routes: readonly ResolvedRoute[],
  resources: readonly ResolvedResource[],
  report: Report,
): readonly ResolvedRoute[] {
  for (const [index, { path }] of routes.entries())
    if (resources.some((resource) => path === `${RESOURCE_WELL_KNOWN}${resource.path}`))
      report(`routes[${index}].path`, 'is where the metadata of a resource is served')
  return routes.map((route) => ({ ...route, resource: resourceOf(route.path, resources) }))
}
