// RFC 9449: its figures and the cases derived from them, as bearer tokens and with their proofs, at their time and URL.
// The figure's opaque token is introspected. Nobody has the key that signed its JWT, so the claims of the JWT are
// signed again, with a proof by a key of ours.

import type { LanekeeperConfig } from '../../shared/index.ts'
import type { EdgeName } from '../cases/row.ts'
import { createClientKey, makeProof } from '../support/dpop-proofs.ts'
import { signCompact, type Members } from '../support/test-issuer.ts'
import type { BoundRequest } from './dpop-world.ts'
import { readData, type Part, type VectorCase, type Verdict } from './suite.ts'
import { FIGURE_KID, type VectorWorld } from './world.ts'

interface Derived {
  readonly id: string
  readonly request?: {
    readonly method?: string
    readonly url?: string
    readonly authorization?: string
    readonly dpop?: string | null
  }
  readonly now?: number
  readonly token_cnf?: Members
  readonly repeat?: number
  readonly verdict: string | readonly string[]
}

interface File {
  readonly access_token_jwt_bound: string
  readonly access_token_opaque_bound: string
  readonly introspection_response: Members
  readonly proofs: readonly { readonly id: string; readonly proof: string; readonly claims: Members }[]
  readonly resource_server_cases: readonly Derived[]
}

const FIGURE_AUDIENCE = 'https://resource.example.org'
const FIGURE_URL = `${FIGURE_AUDIENCE}/protectedresource`

/** Routes for every path of the cases, so that the proof decides. */
const FIGURE_ROUTES: LanekeeperConfig['routes'] = [
  ...['/protectedresource', '/protectedresource/', '/other', '/token'].map((path) => ({
    path,
    methods: ['GET', 'POST'],
    scope: 'none' as const,
  })),
  { path: '$connect', methods: ['GET'], scope: 'none' },
]

const placesOf = (world: VectorWorld) =>
  world.placesFor('figure', {
    config: { publicUrls: [FIGURE_AUDIENCE], routes: FIGURE_ROUTES },
    websocket: { publicUrls: [FIGURE_URL], routes: FIGURE_ROUTES },
  })

/** A TOKEN event has no DPoP field: every bound token is refused there. */
const NOT_ON_TOKEN: readonly EdgeName[] = ['rest TOKEN']

/** Edges that cannot express a request. A handshake is a GET of one URL without a query. */
function inexpressible(method: string, url: string): EdgeName[] {
  const { pathname, search } = new URL(url)
  return method !== 'GET' || search !== '' || pathname !== '/protectedresource' ? ['websocket'] : []
}

function toRequest({
  method = 'GET',
  url = FIGURE_URL,
  authorization = '',
  dpop,
}: NonNullable<Derived['request']>): BoundRequest {
  const [, host = '', path = '', query] = /^https:\/\/([^/]*)([^?]*)(?:\?(.*))?$/.exec(url)!
  return {
    method,
    path,
    host,
    ...(query === undefined ? {} : { query }),
    authorization,
    proofs: typeof dpop === 'string' ? dpop.split(', ') : [],
  }
}

function asBearer(file: File, world: VectorWorld): Part {
  const refuse = (id: string, token: string): VectorCase => ({
    id,
    expect: 'refuse',
    run: () => world.asBearer(token),
  })
  return {
    name: 'RFC 9449, as bearer',
    cases: [
      refuse('bound JWT', file.access_token_jwt_bound),
      refuse('bound opaque token', file.access_token_opaque_bound),
      ...file.proofs.map(({ id, proof }, index) => refuse(`${id} ${index + 1}`, proof)),
    ],
  }
}

/** The derived cases: each has one thing that differs from its base. */
function withProofs(
  { introspection_response: response, resource_server_cases: all }: File,
  world: VectorWorld,
): Part {
  const base = all.find(({ id }) => all.some((other) => (other as { base?: string }).base === id)) ?? all[0]!
  const cases = all.flatMap((derived): VectorCase[] => {
    const merged = { ...base.request, ...derived.request }
    const { method = 'GET', url = FIGURE_URL } = merged
    const rulings = [derived.verdict].flat().map((verdict) => (verdict === 'allow' ? 'accept' : 'refuse'))
    const skip = inexpressible(method, url)
    const request = toRequest(merged)
    return rulings.map((expect, index) => ({
      id: rulings.length > 1 ? `${derived.id}, request ${index + 1}` : derived.id,
      expect,
      async run() {
        const cnf = derived.token_cnf ?? response['cnf']
        const json = { ...response, cnf, aud: FIGURE_AUDIENCE, client_id: 'client' }
        world.setAnswer(request.authorization.replace(/^\w+ /, ''), { json })
        const skipped = expect === 'accept' ? [...skip, ...NOT_ON_TOKEN] : skip
        const requests = rulings.map(() => request)
        const verdicts = await placesOf(world).send(requests, derived.now ?? base.now, skipped)
        return verdicts[index]!
      },
    }))
  })
  return { name: 'RFC 9449, with proofs', cases }
}

/** The figure's own texts with the scheme DPoP: the JWT as printed, and each proof in place of the good one. */
function asPrinted(file: File, world: VectorWorld): Part {
  const { access_token_jwt_bound: jwt, access_token_opaque_bound: opaque, proofs } = file
  const good = proofs.find(({ claims }) => claims['ath'] !== undefined)!
  const send = async (token: string, proof: string): Promise<readonly Verdict[]> => {
    const json = { ...file.introspection_response, aud: FIGURE_AUDIENCE, client_id: 'client' }
    world.setAnswer(opaque, { json })
    const request = toRequest({ url: FIGURE_URL, authorization: `DPoP ${token}`, dpop: proof })
    return (await placesOf(world).send([request], Number(good.claims['iat']), []))[0]!
  }
  return {
    name: 'RFC 9449, as printed',
    cases: [
      { id: 'bound JWT', expect: 'refuse', run: () => send(jwt, good.proof) },
      ...proofs
        .filter((proof) => proof !== good)
        .map(({ id, proof }, index): VectorCase => ({
          id: `${id} ${index + 1}, for the opaque token`,
          expect: 'refuse',
          run: () => send(opaque, proof),
        })),
    ],
  }
}

/** The claims of the figure's JWT, signed by a key of ours, with a proof for it and with the proof of the figure. */
function signedAgain(file: File, world: VectorWorld): Part {
  const [, payload = ''] = file.access_token_jwt_bound.split('.')
  const key = createClientKey('ES256')
  const good = file.proofs.find(({ claims }) => claims['ath'] !== undefined)!
  const iat = Number(good.claims['iat'])
  async function token(cnf?: Members): Promise<string> {
    const figure = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Members
    const claims = { ...figure, iat, aud: FIGURE_AUDIENCE, client_id: 'client', jti: 'figure' }
    const header = { alg: 'RS256', typ: 'at+jwt', kid: FIGURE_KID }
    return signCompact(world.figureKey, header, cnf === undefined ? claims : { ...claims, cnf })
  }
  const send = async (given: string, proof: string, skip: readonly EdgeName[]) => {
    const request = toRequest({ url: FIGURE_URL, authorization: `DPoP ${given}`, dpop: proof })
    return (await placesOf(world).send([request], iat, skip))[0]!
  }
  const proofFor = (given: string) => makeProof(key, { url: FIGURE_URL, token: given }, { claims: { iat } })
  return {
    name: 'RFC 9449, the JWT signed again',
    cases: [
      {
        id: 'bound to a key of ours, with its proof',
        expect: 'accept',
        async run() {
          const given = await token({ jkt: key.jkt })
          return send(given, proofFor(given), NOT_ON_TOKEN)
        },
      },
      {
        id: 'bound to the key of the figure, with a proof of ours',
        expect: 'refuse',
        async run() {
          const given = await token()
          return send(given, proofFor(given), [])
        },
      },
      {
        id: 'bound to the key of the figure, with the proof for the opaque token',
        expect: 'refuse',
        run: async () => send(await token(), good.proof, []),
      },
    ],
  }
}

export function dpopFigures(directory: string, world: VectorWorld): Part[] {
  const file = readData<File>(directory, 'rfc9449.json')
  return [asBearer, withProofs, asPrinted, signedAgain].map((part) => part(file, world))
}
