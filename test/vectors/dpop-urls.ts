// auth0/node-oauth2-jwt-bearer: the canonical form of `htu`, and values of Host. Its library takes the URL of a request
// from the Host field, and this project never does, so its cases for a request are requests here, with the best proof
// that their sender could make.

import { createClientKey, makeProof } from '../support/dpop-proofs.ts'
import { canonicalUrl } from '../../shared/sender/dpop/htu.ts'
import type { EdgeName, Field } from '../cases/row.ts'
import type { BoundRequest } from './dpop-world.ts'
import { readData, ruled, type Part, type VectorCase, type Verdict } from './suite.ts'
import { AUDIENCE, type DpopSettings, type VectorWorld } from './world.ts'

interface UrlCase {
  readonly name: string
  readonly source: 'proof' | 'request'
  readonly input: string
  readonly normalized: string | null
}

interface HostCase {
  readonly host: string
  readonly valid: boolean
}

interface UrlParts {
  readonly scheme: string
  readonly userinfo: string
  readonly host: string
  readonly path: string
  readonly query: string | undefined
}

/** A handshake has the URL of its API alone, and a TOKEN event has no DPoP field. */
const WITHOUT_PATH: readonly EdgeName[] = ['websocket', 'rest TOKEN']

/** The parts of a URL as they are written; `null`: there are none. */
function partsOf(url: string): UrlParts | null {
  const found = /^([a-z]+):\/\/([^/?#@]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(url)
  if (found === null) return null
  const [, scheme = '', userinfo = '', host = '', path = '', query] = found
  return { scheme: scheme.toLowerCase(), userinfo, host, path, query }
}

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i

/** Why a URL that the data normalises is refused here in an `htu`, or `null`. RFC 9449 section 4.3 asks for neither. */
function urlDeparture(url: string): string | null {
  const parts = partsOf(url)
  if (parts === null) return null
  if (/[^\x21-\x7e]/.test(url))
    return 'a URL has ASCII characters alone: it is refused, not repaired (RFC 3986 section 2)'
  if (parts.userinfo !== '') return 'a URL with a user name is refused: readers find different hosts in it'
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(parts.path))
    return 'dot segments are refused: servers resolve them at different times (RFC 3986 section 5.2.4)'
  return parts.scheme === 'http' && !LOOPBACK.test(parts.host)
    ? 'http is for loopback alone (RFC 6750 section 5.3)'
    : null
}

/** Why a request that the data lets through is refused before its proof, or `null`. */
function requestDeparture(url: string): string | null {
  const { scheme = '', host = '', path = '' } = partsOf(url) ?? {}
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path))
    return 'a path with dot segments is ambiguous, whatever its proof'
  if (path.includes('//')) return 'a path with an empty segment is ambiguous, whatever its proof'
  if (/%2f/i.test(path)) return 'a path with an escaped slash is ambiguous, whatever its proof'
  return scheme === 'http' && !LOOPBACK.test(host)
    ? 'http is for loopback alone (RFC 6750 section 5.3)'
    : null
}

/** The public URLs of the cases that this project could be configured for. */
const publicUrlsOf = (cases: readonly UrlCase[]): string[] => [
  ...new Set(
    cases.flatMap(({ normalized }) => {
      const url = canonicalUrl(normalized ?? '')
      return url === null ? [] : [new URL(url).origin]
    }),
  ),
]

const ROUTES = ['/', '/{path+}', '/resource/'].map((path) => ({
  path,
  methods: ['GET'],
  scope: 'none' as const,
}))

const withUrls = (publicUrls: readonly string[]): DpopSettings => ({ config: { publicUrls, routes: ROUTES } })

/** The Worker has no public URLs, so it takes every host, and its URLs are those of its resource. */
const FOR_HOSTS: DpopSettings = {
  ...withUrls([AUDIENCE]),
  worker: { resources: [{ identifier: AUDIENCE }], routes: ROUTES },
}

const key = createClientKey('ES256')

/** Sends a good token with a proof about `htu`. */
async function send(
  world: VectorWorld,
  settings: DpopSettings,
  htu: string,
  request: Pick<BoundRequest, 'path' | 'query' | 'host' | 'fields'>,
  skip: readonly EdgeName[],
): Promise<readonly Verdict[]> {
  const token = await world.issuer.token({ claims: { cnf: { jkt: key.jkt } } })
  const proof = makeProof(key, { url: htu, token })
  const bound = { ...request, authorization: `DPoP ${token}`, proofs: [proof] }
  return (await world.placesFor('ordinary', settings).send([bound], undefined, skip))[0]!
}

/** A case for the URL of a request says what no proof may be compared with; only a request shows whether it is. */
const isAboutRequests = ({ source, normalized, input }: UrlCase): boolean =>
  source === 'request' && normalized === null && canonicalUrl(input) !== null

function canonicalForm(cases: readonly UrlCase[], world: VectorWorld): Part {
  return {
    name: 'htu, canonical form',
    cases: cases
      .filter((given) => !isAboutRequests(given))
      .map(({ name, source, input, normalized }): VectorCase => ({
        id: `${name} (${source})`,
        ...ruled(normalized === null ? 'refuse' : 'accept', urlDeparture(input)),
        async run() {
          const forms = await world.canonicalUrl(input)
          const wrong = forms.find(({ form }) => form !== null && form !== normalized)
          if (wrong !== undefined) throw new Error(`${wrong.where}: ${wrong.form}, not ${normalized}`)
          return forms.map(({ where, form }) => ({ where, accepted: form !== null, code: String(form) }))
        },
      })),
  }
}

/** The request for a URL, as a client puts it on the wire: without the user name. */
function toRequest(url: string): Pick<BoundRequest, 'path' | 'query' | 'host'> {
  const { host, path, query } = partsOf(url) ?? { host: 'api.example.com', path: '/path', query: undefined }
  return { host, path: path === '' ? '/' : path, ...(query === undefined ? {} : { query }) }
}

/** In a whole decision: an `htu` of the data for its request, or a request of the data with the normalised `htu`. */
function decisions(cases: readonly UrlCase[], world: VectorWorld): Part {
  const settings = withUrls(publicUrlsOf(cases))
  return {
    name: 'htu, in a decision',
    cases: cases.map(({ name, source, input, normalized }): VectorCase => {
      const departure =
        source === 'proof'
          ? (urlDeparture(input) ?? requestDeparture(normalized ?? input))
          : requestDeparture(input)
      const target = source === 'request' ? input : (normalized ?? 'https://api.example.com/path')
      const htu = source === 'proof' ? input : (normalized ?? canonicalUrl(input) ?? input)
      return {
        id: `${name} (${source})`,
        ...ruled(normalized === null ? 'refuse' : 'accept', departure),
        run: () => send(world, settings, htu, toRequest(target), WITHOUT_PATH),
      }
    }),
  }
}

/** Host is a value of the data, and so are the fields that proxies write. */
const sendTo = (
  world: VectorWorld,
  host: string,
  htu: string,
  skip: readonly EdgeName[],
): Promise<readonly Verdict[]> => {
  const fields: readonly Field[] = [
    ['X-Forwarded-Host', host],
    ['Forwarded', `host="${host}"`],
  ]
  return send(world, FOR_HOSTS, htu, { host, path: '/resource', fields }, [...WITHOUT_PATH, ...skip])
}

const ON_API_GATEWAY: readonly EdgeName[] = ['rest REQUEST', 'http 2.0 simple', 'http 1.0']

const NO_HOST_NAME = 'a Host with a character that no name of a host has is refused (RFC 1123 section 2.1)'

/** The proof is for the public URL: every host of the data that is one is let through, as no proof depends on it. */
const onTheWorker = (cases: readonly HostCase[], world: VectorWorld): Part => ({
  name: 'Host, at the Worker',
  cases: cases.map(({ host, valid }): VectorCase => ({
    id: JSON.stringify(host),
    ...ruled(valid ? 'accept' : 'refuse', host.includes('~') ? NO_HOST_NAME : null),
    run: () => sendTo(world, host, `${AUDIENCE}/resource`, ['core', ...ON_API_GATEWAY]),
  })),
})

/**
 * API Gateway has chosen the API by then. The proof is for the public URL, and no value of Host changes its verdict.
 */
const onApiGateway = (cases: readonly HostCase[], world: VectorWorld): Part => ({
  name: 'Host, at API Gateway',
  cases: cases.map(({ host }): VectorCase => ({
    id: JSON.stringify(host),
    expect: 'accept',
    run: () => sendTo(world, host, `${AUDIENCE}/resource`, ['core', 'worker']),
  })),
})

const proofForHost = (cases: readonly HostCase[], world: VectorWorld): Part => ({
  name: 'Host, with a proof for its URL',
  cases: cases.map(({ host }): VectorCase => ({
    id: JSON.stringify(host),
    expect: 'refuse',
    run: () => sendTo(world, host, `https://${host}/resource`, []),
  })),
})

export function dpopUrls(directory: string, host: readonly HostCase[], world: VectorWorld): Part[] {
  const { cases } = readData<{ cases: readonly UrlCase[] }>(directory, 'htu_normalize.json')
  return [
    canonicalForm(cases, world),
    decisions(cases, world),
    onTheWorker(host, world),
    onApiGateway(host, world),
    proofForHost(host, world),
  ]
}
