// Wildcards of IAM policies: `*` and `?` in an Action, a Resource ARN or a StringLike value (IAM user guide,
// "Resource element"). Case-sensitive; knows nothing of URL path segments, so `*` crosses `/`.

/**
 * The first five segments are matched one by one; a wildcard in the sixth crosses `/` and `:`, since everything
 * after the fifth colon is the resource. A pattern with fewer segments must end in `*`, which then covers the rest.
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

/** `*` is any run of characters, also none; `?` is exactly one. Linear: no regular expression is built. */
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
