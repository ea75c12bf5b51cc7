// IAM patterns for path templates. `*` is any run of characters and crosses "/", so a pattern for a template with a
// parameter covers more than the template; what is too much is shut again by Deny patterns, and whether that comes
// out right is for proof.ts to say. Verbs are always written out. IAM user guide, "Resource element".

import type { Segment, TableRule } from './rules.ts'

/** Characters that RFC 3986 has no place for in a path, and the ones that servers read in two ways. */
export const ODD_CHARACTERS = [...'%;\\ "<>[]^`{|}']

/**
 * What is denied whatever the token: the paths that `findTargetProblem` refuses, because a cache hit is decided by
 * the policy alone. Behind the stage, verb included. "*" cannot be named in a pattern and counts as any other character.
 */
export const ODD_PATTERNS: readonly string[] = [
  ...ODD_CHARACTERS.map((character) => `*${character}*`),
  '*//*',
  '*/?*/',
  '*/../*',
  '*/..',
  '*/./*',
  '*/.',
]

const toPattern = (method: string, segments: readonly (Segment | string)[]): string =>
  `${method}/${segments
    .map((segment) =>
      typeof segment === 'object'
        ? segment.literal
        : segment === 'parameter' || segment === 'greedy'
          ? '?*'
          : segment,
    )
    .join('/')}`

/** Covers everything that the template matches, and perhaps more. */
export const coverPattern = ({ method, segments }: TableRule): string => toPattern(method, segments)

/** What `coverPattern` covers with more segments than the template has: one pattern for each parameter. */
export const deeperPatterns = ({ method, segments }: TableRule): readonly string[] =>
  segments.flatMap((segment, at) =>
    segment === 'parameter'
      ? toPattern(method, [...segments.slice(0, at), '*/*', ...segments.slice(at + 1)])
      : [],
  )

/** How to shut a template, the plainest first. A greedy one may begin deeper, where a sibling owns what is above. */
export const shutPatterns = (rule: TableRule): readonly string[] => {
  const cover = coverPattern(rule)
  return rule.segments.at(-1) === 'greedy' ? [cover, `${cover}/*`, `${cover}/*/*`] : [cover]
}
