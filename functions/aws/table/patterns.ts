// The IAM pattern of a path template. `*` is any run of characters and `?` any one, "/", control characters and those
// beyond ASCII included; patterns have no other class of characters. So every pattern for a parameter also matches
// paths that the parameter does not, and no set of Deny patterns excludes them all. Only a template without parameters
// has a pattern, which is the path itself. IAM user guide, "Resource element".

import type { TableRule } from './rules.ts'

/** Verb and path, to be appended to the stage; `null` for a template with a parameter. */
export function patternOf({ method, segments }: TableRule): string | null {
  const literals = segments.map((segment) => (typeof segment === 'object' ? segment.literal : null))
  return literals.includes(null) ? null : `${method}/${literals.join('/')}`
}
