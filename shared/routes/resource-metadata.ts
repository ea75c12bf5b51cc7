// The metadata of a protected resource, for a client that knows only its URL: which authorization servers issue tokens
// for it, which scopes exist, how to present a token. RFC 9728 sections 2, 3.2 and 5.1. Made from the configuration
// alone: it depends on no Host field and no token, and its scopes are those that some rule demands.

import type { CoreConfig, ResolvedResource } from '../config/config.ts'
import { RESOURCE_WELL_KNOWN } from './published-paths.ts'

/**
 * The metadata document of a resource, ready for `JSON.stringify` (RFC 9728 section 2). `scopes_supported` has the
 * scopes of every rule that covers a path of the resource, each once.
 */
export function toResourceMetadata(
  resource: ResolvedResource,
  { routes }: CoreConfig,
): Readonly<Record<string, string | readonly string[]>> {
  const scopes = routes
    .filter((route) => route.resources.includes(resource))
    .flatMap(({ demand }) => [...(demand?.allOf ?? []), ...(demand?.anyOf ?? [])])
  return {
    resource: resource.identifier,
    authorization_servers: resource.authorizationServers,
    ...(scopes.length === 0 ? {} : { scopes_supported: [...new Set(scopes)] }),
    bearer_methods_supported: ['header'],
    ...(resource.name === null ? {} : { resource_name: resource.name }),
    ...(resource.documentation === null ? {} : { resource_documentation: resource.documentation }),
  }
}

/** The resource whose metadata is at exactly this path; `null` where there is none. */
export const findMetadata = (path: string, { resources }: CoreConfig): ResolvedResource | null =>
  resources.find((resource) => path === `${RESOURCE_WELL_KNOWN}${resource.path}`) ?? null
