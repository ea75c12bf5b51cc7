// How a slow and careful reader understands a request target, and which rule of the fixture it selects. Written
// independently of the product, as the reference.

interface Rule {
  readonly method: string
  readonly path: RegExp
  readonly anyOf: readonly string[]
}

/** The routes of the fixture again, as patterns over decoded paths; the most specific first. */
const RULES: readonly Rule[] = [
  { method: 'GET', path: /^\/orders\/special$/, anyOf: ['special'] },
  { method: 'GET', path: /^\/health$/, anyOf: [] },
  { method: 'GET', path: /^\/orders$/, anyOf: ['read'] },
  { method: 'POST', path: /^\/orders$/, anyOf: ['write'] },
  { method: 'GET', path: /^\/orders\/[^/]+$/, anyOf: ['read'] },
  { method: 'GET', path: /^\/files\/.+$/, anyOf: ['read', 'admin'] },
]

/** Whether every server reads the path alike: neither a URL parser nor decoding it first changes it. */
export function hasOneReading(path: string): boolean {
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[\\;*#?"<>^`{|}]/.test(path)) return false
  const url = new URL(`https://edge.example${path}`)
  if (url.pathname !== path || url.search !== '' || url.hash !== '') return false
  try {
    const plain = decodeURIComponent(path)
    if (/[\u0000-\u001f\u007f\\;*#?]/.test(plain)) return false
    const parts = plain.split('/')
    const same = parts.length === path.split('/').length
    return same && !parts.slice(1).some((part) => ['', '.', '..'].includes(part))
  } catch {
    return false
  }
}

/** Whether the path has one reading, and the first rule that fits it allows the method with one of the scopes. */
export function isPermitted(method: string, path: string, scopes: readonly string[]): boolean {
  if (!hasOneReading(path)) return false
  const fitting = RULES.filter((rule) => rule.path.test(decodeURIComponent(path)))
  const rule = fitting
    .filter(({ path: { source } }) => source === fitting[0]!.path.source)
    .find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method))
  return rule !== undefined && (rule.anyOf.length === 0 || rule.anyOf.some((name) => scopes.includes(name)))
}
