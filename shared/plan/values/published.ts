// The documents that the Worker serves itself, and their paths: the metadata of the resources (RFC 9728 section 3.1)
// and the public keys of its assertions (RFC 7517 section 5). A rule that is written for such a path would never be
// used, so it is refused. A rule that begins with a parameter is not written for it, and holds for its other paths.

import type { ResolvedConfig, ResolvedRoute } from '../../config/config.ts'
import { ASSERTION_JWKS_PATH, RESOURCE_WELL_KNOWN } from '../../routes/published-paths.ts'
import { isGreedy, isParameter, readTemplate } from '../../routes/path-template.ts'
import { upperCaseEscapes } from '../../routes/target.ts'
import type { AddProblem } from './checks.ts'

interface Published {
  readonly path: string
  readonly what: string
}

/** Every path that the Worker answers itself, and what it serves there. */
export const publishedPaths = ({
  resources,
  origin,
}: Pick<ResolvedConfig, 'resources'> & Partial<Pick<ResolvedConfig, 'origin'>>): readonly Published[] => [
  ...resources.map(({ path, identifier }) => ({
    path: `${RESOURCE_WELL_KNOWN}${path}`,
    what: `the metadata of the resource ${identifier}`,
  })),
  ...(origin?.assertion ? [{ path: ASSERTION_JWKS_PATH, what: 'the public keys of the assertions' }] : []),
]

/** Whether a path template covers a path. Does not look at methods or at other rules. */
export function isCovered(path: string, template: string): boolean {
  const segments = upperCaseEscapes(path).slice(1).split('/')
  const pattern = upperCaseEscapes(template).slice(1).split('/')
  if (segments.length < pattern.length) return false
  if (segments.length > pattern.length && !isGreedy(pattern.at(-1)!)) return false
  return pattern.every((part, at) => isParameter(part) || isGreedy(part) || part === segments[at])
}

/** Refuses a rule whose path the Worker answers itself. */
export function checkPublished(
  routes: readonly ResolvedRoute[],
  config: Parameters<typeof publishedPaths>[0],
  addProblem: AddProblem,
): void {
  const published = publishedPaths(config)
  for (const [index, { path }] of routes.entries()) {
    const hiding = published.find((each) => isCovered(each.path, path))
    const [first] = readTemplate(path)
    if (hiding !== undefined && typeof first === 'object')
      addProblem(
        `routes[${index}].path`,
        `covers ${hiding.path}, where the Worker serves ${hiding.what}; leave the rule out or give it another path`,
      )
  }
}
