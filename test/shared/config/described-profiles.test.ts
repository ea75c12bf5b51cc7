// No profile that an operator can describe and that passes the check accepts an ID token of a known provider, not even
// one without nonce and hashes whose `typ` is made equal to that of the access tokens. Tried with all evidence that the
// tokens of all providers offer, alone and in pairs.

import { describe, expect, test } from 'vitest'
import { checkCustomProfile } from '../../../shared/config/issuers/custom-profile.ts'
import { ACCESS_MEMBERS, KIND_CLAIMS } from '../../../shared/config/issuers/decisive-evidence.ts'
import { firstRefusal } from '../../../shared/failures/rule.ts'
import { KIND_RULES } from '../../../shared/token/kind.ts'
import { PROFILES } from '../../../shared/token/profiles.ts'
import type { Profile } from '../../../shared/token/profiles/profile.ts'
import { ID_TOKENS } from '../../cases/providers/id-tokens.ts'
import type { TokenShape } from '../../cases/providers/shape.ts'
import { PROVIDER_SHAPES } from '../../cases/providers/shapes.ts'

type GivenEvidence = { readonly claim?: string; readonly header?: string; readonly value?: string }

/** The evidence that an operator could take from a token: each member, and each with its value. */
const evidenceOf = ({ header, claims }: TokenShape): GivenEvidence[] =>
  Object.entries({ header, claim: claims }).flatMap(([place, members]) =>
    Object.entries(members).flatMap(([name, value]): GivenEvidence[] => [
      { [place]: name },
      ...(typeof value === 'string' ? [{ [place]: name, value }] : []),
    ]),
  )

const byText = (evidence: readonly GivenEvidence[]) => [
  ...new Map(evidence.map((one) => [JSON.stringify(one), one])).values(),
]
const OF_ID_TOKENS = byText(Object.values(ID_TOKENS).flatMap(evidenceOf))
const OF_ACCESS_TOKENS = byText(PROVIDER_SHAPES.flatMap(({ access }) => evidenceOf(access)))
const DECISIVE = [...ACCESS_MEMBERS, ...KIND_CLAIMS].map(({ in: place, name, values }): GivenEvidence => ({
  [place === 'header' ? 'header' : 'claim']: name,
  ...(values === undefined ? {} : { value: values[0]! }),
}))
const EVIDENCE = byText([...OF_ID_TOKENS, ...OF_ACCESS_TOKENS, ...DECISIVE])
const TYPES = [['at+jwt'], ['JWT'], [''], ['at+jwt', 'JWT', '']]

/** The profile; `null` if the check refuses it. */
function describedBy(typ: readonly string[], evidence: readonly GivenEvidence[]): Profile | null {
  let refused = false
  const given = { typ, evidence, scopes: { claim: 'grants', shape: 'list' }, client: 'client_id' }
  const profile = checkCustomProfile(given, 'profile', () => void (refused = true))
  if (refused) return null
  // The most lenient form of the profile: with the nonce waived, if the check permits that.
  const waiving = checkCustomProfile({ ...given, waived: ['nonce'] }, 'profile', () => void (refused = true))
  return refused ? profile : waiving
}

const passing = TYPES.flatMap((typ) =>
  EVIDENCE.flatMap((one, index) =>
    [[one], ...EVIDENCE.slice(index + 1).map((other) => [one, other])].flatMap((evidence) => {
      const profile = describedBy(typ, evidence)
      return profile === null ? [] : [{ profile, text: JSON.stringify({ typ, evidence }) }]
    }),
  ),
)

const refusal = ({ header, claims }: TokenShape, profile: Profile) =>
  firstRefusal(KIND_RULES, header, claims, profile)?.code

test('there are profiles that pass, and tokens of theirs', () => {
  expect(passing.length).toBeGreaterThan(1_000)
  expect(passing.length).toBeLessThan(TYPES.length * (EVIDENCE.length * (EVIDENCE.length + 1)) * 0.25)
  const known = PROVIDER_SHAPES.filter(({ access }) =>
    passing.some(({ profile }) => refusal(access, profile) === undefined),
  )
  expect(known.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['auth0-rfc9068', 'cognito', 'keycloak', 'pingam', 'rfc9068']),
  )
})

test('every profile has an ID token to be tried with', () => {
  const covered = [...Object.keys(ID_TOKENS), 'auth0-rfc9068', 'rfc9068']
  expect(Object.keys(PROFILES).filter((name) => !covered.includes(name))).toEqual([])
})

describe.each(Object.entries(ID_TOKENS))('the ID token of %s', (_, idToken) => {
  test('has no member that is enough evidence of an access token', () => {
    const decides = [...ACCESS_MEMBERS, ...KIND_CLAIMS].filter(({ in: place, name, values }) => {
      const members = place === 'header' ? idToken.header : idToken.claims
      return name in members && (values === undefined || values.includes(String(members[name]).toLowerCase()))
    })
    expect(decides).toEqual([])
  })

  test.each([{}, { nonce: 'n' }])('passes no described profile, whatever its typ: %j', (more) => {
    const { typ: _, ...untyped } = idToken.header
    const claims = { ...idToken.claims, ...more }
    const disguised = (typ: string) => ({ claims, header: typ === '' ? untyped : { ...untyped, typ } })
    const through = passing.filter(({ profile }) =>
      profile.typ.some((typ) => refusal(disguised(typ), profile) === undefined),
    )
    expect(through.map(({ text }) => text)).toEqual([])
  })
})
