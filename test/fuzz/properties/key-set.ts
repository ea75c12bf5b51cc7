// Key sets and metadata of every kind: an entry that is not a valid key never verifies anything, a good key beside bad
// ones stays good, and an undecidable token gets 503. The key server is a function here.

import fc from 'fast-check'
import type { KeyedIssuerConfig, PublicKeySource } from '../../../shared/index.ts'
import { unusableKeys } from '../../support/hostile-keys.ts'
import { CLAIMS, demand, HEADER, ISSUER, signed } from '../fixture.ts'
import {
  changeJson,
  changeText,
  jsonChanges,
  textChanges,
  type JsonChange,
  type TextChange,
} from '../mutate.ts'
import { property } from '../property.ts'

interface Input {
  readonly hostile: readonly number[]
  readonly set: readonly JsonChange[]
  readonly metadata: readonly JsonChange[]
  readonly text: readonly TextChange[]
  readonly status: number
}

const HOSTILE = unusableKeys()
const few = fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: jsonChanges(3) })

/** Codes that a good token may get: no keys, no key with its kid, or a key that is refused. */
const REFUSALS = [
  'keys_unavailable',
  'key_unknown',
  'key_mismatch',
  'key_ambiguous',
  'key_refused',
  'signature_invalid',
]

export const keySet = property<Input>({
  name: 'key set',
  about: 'metadata and key sets with entries and members changed',
  input: fc.record({
    hostile: fc.array(fc.nat(HOSTILE.length - 1), { maxLength: 4 }),
    set: few,
    metadata: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: jsonChanges(2) }),
    text: fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: textChanges([',', '{', '"', ' '], 2) },
    ),
    status: fc.oneof(
      { weight: 9, arbitrary: fc.constant(200) },
      { weight: 1, arbitrary: fc.constantFrom(204, 302, 404, 500) },
    ),
  }),
  mustSee: ['allow', 'deny'],
  async check({ hostile, set, metadata, text, status }, fixture) {
    const entries = [...hostile.map((index) => HOSTILE[index]), fixture.key.publicJwk]
    const document = changeText(JSON.stringify(changeJson({ keys: entries }, set)), text)
    const about = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }
    const urls: string[] = []
    const { keys: _, ...issuer } = fixture.config.issuers['main'] as Extract<
      KeyedIssuerConfig,
      { keys: PublicKeySource }
    >
    const authorizer = fixture.createAuthorizer(
      { ...fixture.config, issuers: { main: { ...issuer, keys: { discovery: 'openid-configuration' } } } },
      {
        async fetch(url) {
          urls.push(url)
          const body = url.endsWith('openid-configuration')
            ? JSON.stringify(changeJson(about, metadata))
            : document
          return new Response(status === 204 ? null : body, { status })
        },
      },
    )
    const ask = async (token: string) => {
      const decision = await authorizer.authorize({
        method: 'GET',
        path: '/orders',
        authorization: [`Bearer ${token}`],
        accessTokenInQuery: false,
      })
      return decision.allow ? 'allow' : decision.code
    }
    const good = await ask(fixture.tokens[0]!)
    const untouched = set.length === 0 && metadata.length === 0 && text.length === 0 && status === 200
    demand(good === 'allow' || REFUSALS.includes(good), `a good token is refused as ${good}`)
    demand(!untouched || good === 'allow', `a good key beside bad ones is lost: ${good}`)
    const forged = await ask(await signed(fixture.attackerKey, HEADER, CLAIMS))
    demand(forged !== 'allow', 'a token of another key is allowed')
    demand(urls.length <= 4, `${urls.length} requests to the issuer`)
    demand(
      urls.every((url) => url.startsWith('https://')),
      'a request without TLS',
    )
    return good === 'allow' ? 'allow' : 'deny'
  },
})
