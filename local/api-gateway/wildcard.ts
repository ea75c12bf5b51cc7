// Wildcards of IAM policies: `*` and `?` in an Action, a Resource ARN or a StringLike value (IAM user guide, "Resource
// element"). Matching is case-sensitive, and `*` matches `/`, too.

/**
 * Matches the first five segments one by one. A wildcard in the sixth matches `/` and `:`, too, because everything
 * after the fifth colon is the resource. A pattern with fewer segments must end in `*`, which then matches the rest.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const patternSegments = splitArn(pattern)
  const arnSegments = splitArn(arn)
  if (patternSegments.length < 6) return pattern.endsWith('*') && matchesGlob(pattern, arn)
  return patternSegments.every((segment, index) => matchesGlob(segment, arnSegments[index] ?? ''))
}

function splitArn(arn: string): string[] {
  const segments = arn.split(':')
  return segments.length <= 6 ? segments : [...segments.slice(0, 5), segments.slice(5).join(':')]
}

/**
 * `*` matches any number of characters, `?` exactly one. No regular expression is built, so a pattern cannot cause
 * exponential time.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let inPattern = 0
  let inText = 0
  let lastStar = -1
  let resumeAt = 0
  while (inText < text.length) {
    const expected = pattern[inPattern]
    if (expected === '*') {
      lastStar = inPattern++
      resumeAt = inText
    } else if (expected === '?' || expected === text[inText]) {
      inPattern++
      inText++
    } else if (lastStar !== -1) {
      inPattern = lastStar + 1
      inText = ++resumeAt
    } else return false
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}
