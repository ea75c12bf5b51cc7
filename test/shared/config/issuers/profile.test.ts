// `issuers.NAME.session`: the claim that names the session, in place of the profile's.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../../shared/index.ts'
import { problemsOf, withMember } from '../../../support/config-problems.ts'

const withSession = (session: unknown) => withMember('issuers.main.session', session)

const SESSION = { claim: 'sid' }

test.each<[refused: unknown, problems: string[]]>([
  ['sid', [': must be an object', '.claim: is missing']],
  [[SESSION], [': must be an object', '.claim: is missing']],
  [{}, ['.claim: is missing']],
  [{ claim: '' }, ['.claim: must be the name of a claim']],
  [{ claim: ['sid'] }, ['.claim: must be the name of a claim']],
  [{ ...SESSION, name: 'sid' }, ['.name: is not a setting; known here: claim']],
])('the session %j is refused', (refused, problems) => {
  expect(problemsOf(withSession(refused))).toEqual(
    problems.map((problem) => `issuers.main.session${problem}`),
  )
  expect(problemsOf(withSession(SESSION))).toEqual([])
})

test('the claim is in place of that of the profile', () => {
  const sessionOf = (profile: string, session?: object) => {
    const config = withMember('issuers.main.profile', profile)
    const main = { ...config.issuers['main'], ...(session && { session }) } as never
    return [...resolveConfig({ ...config, issuers: { main } }).issuers.values()].map(
      (issuer) => issuer.profile.session,
    )
  }
  expect(sessionOf('rfc9068')).toEqual([undefined])
  expect(sessionOf('rfc9068', SESSION)).toEqual(['sid'])
  expect(sessionOf('keycloak')).toEqual(['sid'])
  expect(sessionOf('keycloak', { claim: 'session' })).toEqual(['session'])
})
