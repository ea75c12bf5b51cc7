// Which protected resource a path belongs to: the one whose own path is the longest that the requested path lies at or
// below. Asked of the path, not of the rule: a rule may reach into several resources, and a token for one of them is
// not for the others. Reads paths as the route table does, both ways. RFC 9728 section 3, RFC 8707 section 2.

import type { ResolvedResource } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { isGreedy, isParameter } from './path-template.ts'
import { undoNeedlessEscapes, upperCaseEscapes } from './target.ts'

/** A path of a resource without the slash at its end: `/mcp/` and `/mcp` take in the same paths. `''`: the whole host. */
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
 * The resource of a path that has passed `checkTarget`; `null` outside of all. A failure where the two readings of
 * the path (needless escapes as written, and undone) belong to different ones.
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

/** Whether some path of a template lies at or below the path of a resource. */
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

/** Whether every path of a template lies at or below the path of a resource. */
export const isWithin = (template: string, { path }: ResolvedResource): boolean =>
  template.startsWith('/') && `${upperCaseEscapes(template)}/`.startsWith(`${stemOf(path)}/`)
