// The IAM pattern of a path template. `*` is any run of characters and `?` any one, "/", control characters and those
// beyond ASCII included, and a pattern has no other class of characters. What a parameter takes is therefore narrower than
// every pattern for it, and no set of Deny patterns makes up for that: only a path without parameters has a pattern, which
// is the path itself. IAM user guide, "Resource element".

import type { TableRule } from './rules.ts'

/** Verb and path, behind the stage; `null` for a template with a parameter. */
export function patternOf({ method, segments }: TableRule): string | null {
  const literals = segments.map((segment) => (typeof segment === 'object' ? segment.literal : null))
  return literals.includes(null) ? null : `${method}/${literals.join('/')}`
}
