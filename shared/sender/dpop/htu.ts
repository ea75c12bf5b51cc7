// The URL in a proof (`htu`), in one canonical form. RFC 9449 section 4.3 (9), RFC 3986 sections 6.2.2 and 6.2.3. Cuts
// off query and fragment. Refuses what readers of URLs understand in different ways: user names, "\", white space,
// control and non-ASCII characters, dot segments. Not `URL`, which repairs all of them.

const PARTS =
  /^(https?):\/\/([a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::(\d{0,5}))?((?:\/[\w.~!$&'()*+,;=:@%/-]*)?)(?:[?#][\x21-\x7e]*)?$/i

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Hosts that http may be used with. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

const UNRESERVED = /[A-Za-z0-9._~-]/
/** Characters that a path may have as they are (RFC 3986 section 3.3). */
const OF_PATH = /[A-Za-z0-9._~!$&'()*+,;=:@-]/

/** Escapes in upper case, and decoded where they stand for a character of `plain`; `null`: one is no escape. */
function normalizeEscapes(path: string, plain: RegExp): string | null {
  if (!path.includes('%')) return path
  if (/%(?![0-9a-f]{2})/i.test(path)) return null
  return path.replace(/%../g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return plain.test(character) ? character : escape.toUpperCase()
  })
}

/**
 * The canonical form of a URL without its query and fragment; `null` where it is refused. `isDecoded`: the platform
 * shows paths decoded, so an escape that a path does not need counts as its character.
 */
export function canonicalUrl(url: string, isDecoded = false): string | null {
  const parts = PARTS.exec(url)
  if (parts === null) return null
  const [, scheme, host, port = '', written = ''] = parts.map((part) => part ?? '')
  const path = normalizeEscapes(written, isDecoded ? OF_PATH : UNRESERVED)
  if (path === null || /\/\.\.?(?:\/|$)/.test(path)) return null
  const [lowerScheme, lowerHost] = [scheme!.toLowerCase(), host!.toLowerCase()]
  if (Number(port) > 65_535 || (lowerScheme === 'http' && !LOOPBACK.test(lowerHost))) return null
  const shownPort = port === '' || port === DEFAULT_PORTS[lowerScheme] ? '' : `:${port}`
  return `${lowerScheme}://${lowerHost}${shownPort}${path === '' ? '/' : path}`
}
