// Patterns of IAM: `*` and `?` match any characters (IAM user guide, "IAM JSON policy elements: Resource").

/**
 * Whether a pattern matches a text. With `ignoreCase`, as the names of actions. Takes no longer than the product of both
 * lengths, because a template is foreign text.
 */
export function matchesPattern(given: string, whole: string, ignoreCase = false): boolean {
  const [pattern, text] = ignoreCase ? [given.toLowerCase(), whole.toLowerCase()] : [given, whole]
  let [at, star, from] = [0, -1, 0]
  let index = 0
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at
      from = index
      at += 1
    } else if (pattern[at] === '?' || pattern[at] === text[index]) {
      at += 1
      index += 1
    } else if (star !== -1) {
      from += 1
      at = star + 1
      index = from
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}

/** Whether a pattern of ARNs matches an ARN in some account and region: a template may name neither. */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true
  const [patternParts, arnParts] = [pattern.split(':'), arn.split(':')]
  if (patternParts.length < 6) return matchesPattern(pattern, arn)
  const rest = (parts: readonly string[]) => [parts[2], ...parts.slice(5)].join(':')
  return matchesPattern(rest(patternParts), rest(arnParts))
}
