// Configurations with any member changed: each is either refused at start-up with a list of problems, or leads to
// decisions that still refuse forged tokens and ID tokens. No other outcome, and no value of the environment in a
// message.

import fc from 'fast-check'
import { ConfigError, type LanekeeperConfig } from '../../../shared/index.ts'
import { AUDIENCE, CANARY, CLAIMS, demand, HEADER, signed } from '../fixture.ts'
import { changeJson, jsonChanges, type JsonChange } from '../mutate.ts'
import { property } from '../property.ts'

interface Input {
  readonly changes: readonly JsonChange[]
}

const ENV = { SECRET: CANARY, AUDIENCE }

export const configuration = property<Input>({
  name: 'configuration',
  about: 'the configuration with members changed',
  input: fc.record({ changes: jsonChanges(3) }),
  mustSee: ['started', 'refused'],
  async check({ changes }, fixture) {
    const full = {
      ...fixture.config,
      realm: 'api',
      identity: { claims: { tenant: 'org_id' } },
      limits: {},
      stages: {},
    }
    const config = changeJson(full, changes) as LanekeeperConfig
    let authorizer
    try {
      authorizer = fixture.createAuthorizer(config, {}, ENV)
    } catch (error) {
      demand(error instanceof ConfigError, `throws ${(error as Error).name}`)
      const { problems, message } = error as ConfigError
      demand(problems.length > 0, 'no problem is named')
      demand(
        problems.every(({ path, message: text }) => typeof path === 'string' && text.length > 0),
        'a problem has no text',
      )
      demand(!message.includes(CANARY), 'a value of the environment is shown')
      return 'refused'
    }
    const [forged, idToken, good] = await Promise.all([
      signed(fixture.attackerKey, HEADER, CLAIMS),
      signed(fixture.key, HEADER, { ...CLAIMS, nonce: 'n' }),
      signed(fixture.key, HEADER, CLAIMS),
    ])
    const open = authorizer.config.routes.some(
      ({ path, demand: wanted }) => wanted === null && path !== '/health',
    )
    for (const token of ['', forged, idToken, `${good}=`]) {
      const authorization = token === '' ? [] : [`Bearer ${token}`]
      const request = { method: 'GET', path: '/orders', authorization, accessTokenInQuery: false }
      const decision = await authorizer.authorize(request)
      demand(!decision.allow || (open && decision.grant === null), 'a token that is none is allowed')
    }
    for (const issuer of authorizer.config.issuers.values()) {
      demand(issuer.audiences.size > 0, 'an issuer without audience')
      demand(issuer.keys.algorithms.size > 0, 'an issuer without algorithm')
      demand(
        issuer.clockToleranceSeconds >= 0 && issuer.clockToleranceSeconds <= 300,
        'a tolerance without bound',
      )
    }
    return 'started'
  },
})
