// The path that API Gateway dispatches: the template of the selected route, filled with the path parameters that the
// integration gets. HTTP APIs select a route by the path as it was sent, and show the authorizer that path decoded and
// cut at a decoded "?". So the shown path alone may belong to another route.

/** Characters that only a decoded path has (RFC 3986 section 3.3). `?`, `#` and the backslash are refused anyway. */
const IS_DECODED = /[^\x21-\x7e]|["<>[\]^`{|}]|%(?![0-9A-Fa-f]{2})/u
/** The same characters, and every `%`: in a decoded path it begins no escape. */
const ONLY_ESCAPED = /[^\x21-\x7e]+|["<>[\]^`{|}%]/gu

/**
 * HTTP APIs have been seen to show the path decoded. Characters that a path can have only as an escape are escaped
 * again, so that such a path has one spelling. So is the `%` of an escape in an escape, which is then refused
 * (`%5B%255D`). All other characters stay decoded, because the integration reads them so.
 *
 * It cannot tell a path that is shown decoded from one that was sent like that: `%255B` alone is shown as `%5B`. Only
 * path parameters that are shown as they were sent tell the two apart (`findOtherDispatch`).
 */
export const escapeAgain = (path: string): string =>
  path.isWellFormed() && IS_DECODED.test(path) ? path.replace(ONLY_ESCAPED, encodeURIComponent) : path

/** Decodes escapes except those of "/" and "?", which would change where a segment ends. */
function decodeSegments(path: string): string {
  const parts = path.split(/(%2f|%3f)/i)
  try {
    return parts.map((part, index) => (index % 2 === 0 ? decodeURIComponent(part) : part)).join('')
  } catch {
    return path
  }
}

/** `null` for a route without a template, such as `$default`. A missing parameter is not replaced. */
function fillTemplate(template: unknown, parameters: Readonly<Record<string, unknown>>): string | null {
  if (typeof template !== 'string' || !template.startsWith('/')) return null
  return template.replace(/\{([^{}+]+)(\+?)\}/g, (whole, name: string, greedy: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (typeof value !== 'string') return whole
    return value.replace(greedy === '' ? /[/?]/g : /\?/g, encodeURIComponent)
  })
}

/**
 * The dispatched path, if it differs from `path` or has an escape in an escape; `null` where both are the same, or the
 * route has no template. Parameters and path may be shown decoded or as they were sent. A base path before the template
 * is ignored, and with `ignoresTrailingSlash` a slash at the end: REST APIs drop both.
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
  const [dispatched, decoded] = [spell(filled), spell(decodeSegments(filled))]
  const shownPath = ignoresTrailingSlash && path !== '/' ? path.replace(/\/$/, '') : path
  const isSame =
    shownPath.endsWith(dispatched) ||
    shownPath.endsWith(decoded) ||
    spell(decodeSegments(shownPath)).endsWith(dispatched)
  // An escape in an escape is decoded to an escape in the shown path, which then looks the same: only `filled` shows
  // it.
  return isSame && !/%25[0-9A-Fa-f]{2}/.test(escapeAgain(filled)) ? null : dispatched
}
