// Which protected resource a path belongs to: the one with the longest path that the requested path is equal to or
// below. The path decides, not the rule: a rule may cover paths of several resources, and a token for one of them is
// not for the others. Reads paths both ways, as the route table does. RFC 9728 section 3, RFC 8707 section 2.

import type { ResolvedResource } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { isGreedy, isParameter } from './path-template.ts'
import { undoNeedlessEscapes, upperCaseEscapes } from './target.ts'

/** The path of a resource without a slash at its end: `/mcp/` and `/mcp` cover the same paths. `''`: the whole host. */
export const stemOf = (path: string): string => upperCaseEscapes(path).replace(/\/$/, '')

function owner(path: string, resources: readonly ResolvedResource[]): ResolvedResource | null {
  let found: ResolvedResource | null = null
  for (const resource of resources) {
    if (!`${path}/`.startsWith(`${stemOf(resource.path)}/`)) continue
    if (found === null || stemOf(resource.path).length > stemOf(found.path).length) found = resource
  }
  return found
}

/**
 * The resource of a path that has passed `checkTarget`; `null` where it belongs to none. A failure where the two
 * readings of the path (needless escapes as written, and undone) belong to different resources.
 */
export function findResource(
  path: string,
  resources: readonly ResolvedResource[],
): ResolvedResource | Failure | null {
  if (resources.length === 0) return null
  const asWritten = upperCaseEscapes(path)
  const found = owner(asWritten, resources)
  const decoded = undoNeedlessEscapes(asWritten)
  if (decoded === asWritten || owner(decoded, resources) === found) return found
  return failure('target_ambiguous', { problem: 'resources_differ' })
}

/** Whether some path of a template is equal to or below the path of a resource. */
export function reaches(template: string, { path }: ResolvedResource): boolean {
  if (!template.startsWith('/')) return false
  const segments = upperCaseEscapes(template).slice(1).split('/')
  for (const [index, wanted] of stemOf(path).split('/').slice(1).entries()) {
    const segment = segments[index]
    if (segment === undefined) return false
    if (isGreedy(segment)) return true
    if (!isParameter(segment) && segment !== wanted) return false
  }
  return true
}

/** Whether every path of a template is equal to or below the path of a resource. */
export const isWithin = (template: string, { path }: ResolvedResource): boolean =>
  template.startsWith('/') && `${upperCaseEscapes(template)}/`.startsWith(`${stemOf(path)}/`)
