// The path that API Gateway dispatches: the template of the route that it selected, filled with the path parameters that
// the integration gets. HTTP APIs select a route by the path as it was sent, and show the path decoded and cut at a
// decoded "?"; so the shown path alone may belong to another route.

/** A path holds these only once it has been decoded (RFC 3986 section 3.3): one that is sent with them is refused elsewhere. */
const IS_DECODED = /[^\x21-\x7e]|["<>[\]^`{|}]|%(?![0-9A-Fa-f]{2})/u
/** The same but for `?`, `#` and the backslash, which are refused; and every `%`: decoded, it begins no escape. */
const ONLY_ESCAPED = /[^\x21-\x7e]+|["<>[\]^`{|}%]/gu

/**
 * HTTP APIs have been seen to show the path decoded. What can stand there only as an escape is escaped again, so that such a
 * path has its one spelling, and with it the `%` of an escape in an escape, which is refused (`%5B%255D`). Whatever else was
 * decoded is read as it stands, as the integration will read it.
 *
 * It cannot tell a path that was shown decoded from one that was sent like that: `%255B` alone is shown as `%5B`. Only
 * path parameters that are shown as they were sent tell (`findOtherDispatch`).
 */
export const escapeAgain = (path: string): string =>
  path.isWellFormed() && IS_DECODED.test(path) ? path.replace(ONLY_ESCAPED, encodeURIComponent) : path

/** Decodes escapes, but leaves those of delimiters: a decoded "/" or "?" would change where a segment ends. */
function decodeSegments(path: string): string {
  const parts = path.split(/(%2f|%3f)/i)
  try {
    return parts.map((part, index) => (index % 2 === 0 ? decodeURIComponent(part) : part)).join('')
  } catch {
    return path
  }
}

/** `null` for a route without a template, as `$default`. A parameter that is missing stays as it is in the template. */
function fillTemplate(template: unknown, parameters: Readonly<Record<string, unknown>>): string | null {
  if (typeof template !== 'string' || !template.startsWith('/')) return null
  return template.replace(/\{([^{}+]+)(\+?)\}/g, (whole, name: string, greedy: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (typeof value !== 'string') return whole
    return value.replace(greedy === '' ? /[/?]/g : /\?/g, encodeURIComponent)
  })
}

/**
 * The dispatched path where it is another one than `path`, or has an escape in an escape; `null` where both are the same, or
 * where the route has no template. Parameters and path may be shown decoded or as they were sent. A base path before the
 * template is left out, and so is a slash at the end where `ignoresTrailingSlash`: REST APIs drop both.
 *
 * It cannot tell `%2F` from "/" within a greedy parameter that is shown decoded.
 */
export function findOtherDispatch(
  path: string,
  template: unknown,
  parameters: Readonly<Record<string, unknown>>,
  spell: (path: string) => string,
  ignoresTrailingSlash: boolean,
): string | null {
  const filled = fillTemplate(template, parameters)
  if (filled === null) return null
  const [served, decoded] = [spell(filled), spell(decodeSegments(filled))]
  const shown = ignoresTrailingSlash && path !== '/' ? path.replace(/\/$/, '') : path
  const isSame =
    shown.endsWith(served) || shown.endsWith(decoded) || spell(decodeSegments(shown)).endsWith(served)
  // Decoded once, it is the path that is shown, where nothing tells any more of an escape in an escape.
  return isSame && !/%25[0-9A-Fa-f]{2}/.test(escapeAgain(filled)) ? null : served
}
