// Which keys of a published set are imported, and the problems reported about the others.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeCryptoSync, nodeCryptoAsync } from '../../../functions/node/crypto.ts'
import { webCrypto } from '../../../shared/index.ts'
import { problemsOf, readKeySet } from '../../../shared/keys/key-set.ts'
import { ALLOWED, generateKeysOfEachKind } from '../../support/keys-of-each-kind.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

let rsa: SigningKey
let ec: SigningKey
let ed: SigningKey

beforeAll(async () => {
  ;({ rsa, ec, ed } = await generateKeysOfEachKind())
})

describe.each(Object.entries({ webCrypto, nodeCryptoSync, nodeCryptoAsync }))(
  'readKeySet with %s',
  (_, crypto) => {
    test('skips bad entries one by one and keeps the good ones', async () => {
      const offCurve = { ...ec.publicJwk, kid: 'off', y: ec.publicJwk['x'] }
      const set = await readKeySet(
        [null, rsa.publicJwk, { ...rsa.publicJwk, e: 'AQ' }, offCurve, ec.publicJwk],
        { allowed: ALLOWED, keyTypes: KEY_TYPES, crypto },
      )
      expect(set.keys.map((key) => key.kid)).toEqual(['rsa', 'ec'])
      expect(set.refused).toEqual([
        { kid: null, problem: 'not_a_key' },
        { kid: 'rsa', problem: 'rsa_exponent' },
        { kid: 'off', problem: 'off_curve' },
      ])
    })

    test('gives a key without alg every allowed algorithm that fits, and one with alg that one', async () => {
      const { alg: _, ...open } = rsa.publicJwk
      const { keys } = await readKeySet([open, rsa.publicJwk, ed.publicJwk], {
        allowed: ALLOWED,
        keyTypes: KEY_TYPES,
        crypto,
      })
      expect(keys.map((key) => [...key.verifiers.keys()])).toEqual([['RS256', 'PS256'], ['RS256'], ['EdDSA']])
    })

    test('counts a duplicate entry once', async () => {
      expect(
        (
          await readKeySet([rsa.publicJwk, { ...rsa.publicJwk }], {
            allowed: ALLOWED,
            keyTypes: KEY_TYPES,
            crypto,
          })
        ).keys,
      ).toHaveLength(1)
    })
  },
)

test('problemsOf names every key that has the kid of another one before it', async () => {
  const [second, third] = await Promise.all([generateKey('ES256', 'ec'), generateKey('ES256', 'ec')])
  const { kid: _, ...anonymous } = second.publicJwk
  const problems = async (...entries: unknown[]) =>
    problemsOf(await readKeySet(entries, { allowed: ALLOWED, keyTypes: KEY_TYPES, crypto: webCrypto }))
  const [one, two, three] = [ec, second, third].map(({ publicJwk }) => publicJwk)
  expect(await problems(one, two, three, null)).toEqual(['not_a_key', 'duplicate_kid', 'duplicate_kid'])
  expect(await problems(one, { ...rsa.publicJwk, kid: 'ec' })).toEqual([])
  expect(
    await problems({ ...one, issuer: 'https://a.example' }, { ...two, issuer: 'https://b.example' }),
  ).toEqual([])
  expect(await problems(anonymous, { ...anonymous, ...one, kid: undefined })).toEqual([])
})
