// Notes on discovery, which are no problems: challenges that can name no metadata, and rules whose path the Worker
// answers with a document of its own. RFC 9728 sections 3.1 and 5.1.

import { isPathCovered, isWithinResource, publishedPaths, type ResolvedConfig } from '../shared/index.ts'

/** A note on protected rules whose paths are outside of every resource. */
export function findUndiscoverable({ resources, routes }: ResolvedConfig): readonly string[] {
  const outside = routes.filter(
    ({ path, demand }) =>
      demand !== null &&
      path.startsWith('/') &&
      !resources.some((resource) => isWithinResource(path, resource)),
  )
  if (outside.length === 0) return []
  const which =
    resources.length === 0 || outside.length === routes.filter(({ demand }) => demand !== null).length
      ? 'no challenge names'
      : `challenges of ${outside.map(({ name }) => name).join('; ')} may not name`
  return [`${which} metadata (RFC 9728): add a resource for the whole host if clients are to find the issuer`]
}

/** A note for each rule that covers the path of a document that the Worker serves itself. */
export const findHiddenRules = (config: ResolvedConfig): readonly string[] =>
  publishedPaths(config).flatMap(({ path, what }) => {
    const rule = config.routes.find((route) => isPathCovered(path, route.path))
    return rule === undefined
      ? []
      : [`${rule.name} does not apply at ${path}, where the Worker serves ${what}`]
  })
